import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isProcedure, procedures, publicErrors } from '../../../src-preload/contract/index.ts';
import { isoTime } from '../../base/clock.ts';
import { failure, LetterlockError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { parseInput } from '../../identity/device-server.ts';
import type { AdminHandlers, AdminProcedure } from '../admin/area.ts';
import type { AdminAccounts } from './admin-accounts.ts';
import { page } from './page.ts';

/**
 * The web listener: HTTPS only, on a port of its own. A GET shows a page and never has an effect; everything else is a POST with
 * the token of an administrator's session in its Authorization header, so that no other site can make a browser send it.
 *
 *   POST /api/session         { user, password } → { session, expires }
 *   POST /api/session/end     (bearer) → {}
 *   POST /api/rpc/admin.…     (bearer) input of the procedure → { ok: true, value } | { ok: false, code, message, detail? }
 */
export function addWebRoutes(
  app: FastifyInstance,
  options: { readonly accounts: AdminAccounts; readonly handlers: AdminHandlers; readonly logger: Logger }
): void {
  const { accounts, handlers, logger } = options;

  app.addHook('onSend', async (_request, reply) => {
    reply.headers(securityHeaders);
  });

  app.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(page));

  app.post('/api/session', async (request) => {
    const { user, password } = parseInput(SignIn, request.body);
    const { token, expires } = await accounts.signIn(user, password, request.ip);
    return { session: token, expires: isoTime(expires) };
  });
  app.post('/api/session/end', async (request) => {
    accounts.signOut(bearer(request.headers.authorization));
    return {};
  });

  app.post('/api/rpc/:procedure', async (request, reply) => {
    const { procedure } = request.params as { procedure: string };
    try {
      const admin = accounts.use(bearer(request.headers.authorization));
      if (!isAdminProcedure(procedure)) throw new LetterlockError('not-found', 'procedure');
      const input = parseInput(procedures[procedure].input, request.body ?? {});
      const answer = handlers[procedure] as (input: unknown, actor: string) => Promise<unknown>;
      return { ok: true, value: await answer(input, `admin:${admin}`) };
    } catch (error) {
      const failed = failure(error);
      if (failed.code === 'internal') logger.error({ procedure, error }, 'a procedure failed unexpectedly');
      return reply.code(publicErrors[failed.code].status).send(failed);
    }
  });
}

const SignIn = z.object({ user: z.string().min(1).max(128), password: z.string().min(1).max(256) });

const isAdminProcedure = (name: string): name is AdminProcedure => isProcedure(name) && name.startsWith('admin.');

function bearer(authorization: string | undefined): string {
  const token = /^Bearer ([A-Za-z0-9_-]{1,128})$/.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new LetterlockError('session-expired');
  return token;
}

const securityHeaders = {
  'strict-transport-security': 'max-age=31536000',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store'
};
