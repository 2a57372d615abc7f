import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isProcedure, type Procedure, procedures, publicErrors } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { failure, LetterlockError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { parseInput } from '../../identity/device-server.ts';
import type { AdminHandlers } from '../admin/area.ts';
import type { Authenticate } from './authenticate.ts';
import type { EventSource } from './event-source.ts';
import { openApi } from './openapi.ts';
import { addPages } from './pages.ts';
import { actorOf, type Principal, requireRight } from './principal.ts';
import { securityHeaders } from './security-headers.ts';
import { sendJson } from './send.ts';
import { type WebCall, type WebHandlers, webCall } from './web-call.ts';

/**
 * The web listener: HTTPS only, on a port of its own, for browsers (console and portal) and for programs with an API token.
 * A GET never has an effect. Who calls is known first, then what they may do is checked, then the input is parsed.
 *
 *   POST /api/rpc/<procedure>               input of the procedure → { ok: true, value } | { ok: false, code, message, detail? }
 *   GET  /api/rpc/<procedure>?input=<JSON>  the same for procedures that change nothing; with ETag
 *   GET  /api/events?after=<cursor>         server-sent events: what has changed
 *   GET  /api/openapi.json                  all of this, for programs
 *   GET  /admin, /portal                    the pages
 */
export async function addWebRoutes(
  app: FastifyInstance,
  options: {
    readonly authenticate: Authenticate;
    readonly adminHandlers: AdminHandlers;
    readonly webHandlers: WebHandlers;
    readonly events: EventSource;
    /** The built pages; without it there is a plain one. */
    readonly pagesDir: string | undefined;
    readonly clock: Clock;
    readonly logger: Logger;
  }
): Promise<void> {
  const { authenticate, adminHandlers, webHandlers, events, pagesDir, clock, logger } = options;

  await app.register(cookie);
  // JSON and nothing else: a form of another site cannot send it without being asked for leave first.
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ ...securityHeaders, 'cache-control': 'no-store' });
  });

  async function call(name: Procedure, input: unknown, principal: Principal | null, context: WebCall) {
    const parsed = parseInput(procedures[name].input, input);
    if (Object.hasOwn(adminHandlers, name) && principal)
      return (adminHandlers as Handlers<string>)[name]?.(parsed, actorOf(principal));
    return (webHandlers as Handlers<WebCall>)[name]?.(parsed, context);
  }

  async function answer(request: FastifyRequest, reply: FastifyReply, inputOf: () => unknown): Promise<FastifyReply> {
    const { procedure: name } = request.params as { procedure: string };
    try {
      const principal = await authenticate(request);
      if (!isServedHere(name)) throw new LetterlockError(principal ? 'not-found' : 'session-expired', 'procedure');
      requireRight(name, principal, clock.now());
      if (request.method === 'GET' && !procedures[name].safe) throw new LetterlockError('not-found', 'use POST');
      const value = await call(name, inputOf(), principal, webCall(request, reply, principal));
      return await sendJson(request, reply, { ok: true, value });
    } catch (error) {
      const failed = failure(error);
      if (failed.code === 'internal') logger.error({ procedure: name, error }, 'a procedure failed unexpectedly');
      return reply.code(publicErrors[failed.code].status).send(failed);
    }
  }

  app.post('/api/rpc/:procedure', (request, reply) => answer(request, reply, () => request.body ?? {}));
  app.get('/api/rpc/:procedure', { exposeHeadRoute: false }, (request, reply) =>
    answer(request, reply, () => jsonOf((request.query as { input?: unknown }).input))
  );

  app.get('/api/events', { exposeHeadRoute: false }, async (request, reply) => {
    const principal = await authenticate(request);
    if (!principal) throw new LetterlockError('session-expired');
    const { after } = request.query as { after?: unknown };
    const last = request.headers['last-event-id'] ?? after;
    for (const [header, value] of Object.entries(reply.getHeaders())) if (value) reply.raw.setHeader(header, value);
    events.stream(principal, typeof last === 'string' ? last.slice(0, 64) : undefined, reply.raw);
    reply.hijack();
  });

  app.get('/api/openapi.json', (request, reply) => sendJson(request, reply, openApi()));
  await addPages(app, pagesDir);
}

type Handlers<Context> = Record<string, ((input: unknown, context: Context) => Promise<unknown>) | undefined>;

const isServedHere = (name: string): name is Procedure =>
  isProcedure(name) && procedures[name].callers.some((caller) => ['admin', 'user', 'visitor'].includes(caller));

function jsonOf(text: unknown): unknown {
  if (text === undefined) return {};
  try {
    return JSON.parse(String(text));
  } catch {
    throw new LetterlockError('input-invalid', 'input: JSON');
  }
}
