import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { publicErrors } from '../../../src-preload/contract/index.ts';
import { asLetterlockError, LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import type { ApiTokens } from '../admins/api-tokens.ts';
import { parse, type ResourceKind } from './directory.ts';
import { parseFilter } from './filter.ts';
import { invalid, type Resource, ScimError, urn } from './messages.ts';
import { PatchBody, patched } from './patch.ts';
import { listedAtMost, resourceTypes, schemas, serviceProviderConfig } from './service-provider.ts';

/**
 * SCIM 2.0 (RFC 7644) for the organization's directory, below /scim/v2. Who calls is known before a body is read: an API token
 * that has the scope scim:manage and no other, so that a token lost there opens nothing else. Cookies count for nothing.
 */
export async function addScimRoutes(
  app: FastifyInstance,
  options: {
    readonly kinds: readonly ResourceKind[];
    readonly apiTokens: Pick<ApiTokens, 'use'>;
    readonly logger: Logger;
  }
): Promise<void> {
  const { kinds, apiTokens, logger } = options;
  const actors = new WeakMap<FastifyRequest, string>();
  const actorOf = (request: FastifyRequest) => actors.get(request) ?? '';

  await app.register(
    async (scim) => {
      const json = (
        _request: FastifyRequest,
        text: string | Buffer,
        done: (error: Error | null, body?: unknown) => void
      ) => {
        try {
          done(null, text.length === 0 ? undefined : JSON.parse(String(text)));
        } catch {
          done(invalid('invalidSyntax', 'JSON'));
        }
      };
      scim.removeAllContentTypeParsers();
      for (const type of ['application/scim+json', 'application/json'])
        scim.addContentTypeParser(type, { parseAs: 'string', bodyLimit: limits.jsonBody }, json);

      scim.addHook('onRequest', async (request) => {
        const token = await apiTokens.use(request.headers.authorization ?? '');
        if (token.scopes.length !== 1 || token.scopes[0] !== 'scim:manage')
          throw new LetterlockError('not-allowed', 'a token with the scope scim:manage alone');
        actors.set(request, `token:${token.id}`);
      });
      scim.setErrorHandler((error, _request, reply) => {
        const failed = refusalOf(error);
        if (failed.status >= 500) logger.error({ error }, 'a request of the directory failed unexpectedly');
        if (failed.status === 401) reply.header('www-authenticate', 'Bearer');
        const { status, scimType, message } = failed;
        return send(reply, status, { schemas: [urn.error], status: String(status), scimType, detail: message });
      });
      scim.setNotFoundHandler(() => {
        throw new LetterlockError('not-found');
      });

      scim.get('/ServiceProviderConfig', quiet, (request, reply) =>
        send(reply, 200, serviceProviderConfig(baseOf(request)))
      );
      for (const [path, all] of [
        ['/ResourceTypes', resourceTypes],
        ['/Schemas', schemas]
      ] as const) {
        scim.get(path, quiet, (request, reply) => send(reply, 200, listOf(all(baseOf(request)))));
        scim.get(`${path}/:id`, quiet, (request, reply) => {
          const one = all(baseOf(request)).find(({ id }) => id === idOf(request));
          if (!one) throw new LetterlockError('not-found');
          return send(reply, 200, one);
        });
      }
      for (const kind of kinds) addKind(scim, kind, actorOf);
    },
    { prefix: '/scim/v2' }
  );
}

/** HEAD has no use here. */
const quiet = { exposeHeadRoute: false };

function addKind(app: FastifyInstance, kind: ResourceKind, actorOf: (request: FastifyRequest) => string): void {
  const path = `/${kind.path}`;

  app.get(path, quiet, async (request, reply) => {
    const { filter, startIndex, count } = parse(ListQuery, request.query);
    const all = await kind.list(
      baseOf(request),
      filter === undefined ? undefined : parseFilter(filter, kind.attributes)
    );
    const page = all.slice(startIndex - 1, startIndex - 1 + count);
    return send(reply, 200, listOf(page.map(chosen(request)), all.length, startIndex));
  });
  app.post(path, async (request, reply) => {
    const made = await kind.create(baseOf(request), request.body, actorOf(request));
    return answer(request, reply.header('location', made.meta.location ?? ''), made, 201);
  });

  app.get(`${path}/:id`, quiet, async (request, reply) => {
    const found = await kind.get(baseOf(request), idOf(request));
    if (request.headers['if-none-match'] === found.meta.version)
      return reply.code(304).header('etag', found.meta.version).send();
    return answer(request, reply, found);
  });
  const replace = (request: FastifyRequest, change: (resource: Resource) => unknown) =>
    kind.replace(baseOf(request), idOf(request), change, actorOf(request), request.headers['if-match']);
  app.put(`${path}/:id`, async (request, reply) => answer(request, reply, await replace(request, () => request.body)));
  app.patch(`${path}/:id`, async (request, reply) => {
    const { Operations } = parse(PatchBody, request.body);
    return answer(request, reply, await replace(request, (resource) => patched(resource, Operations)));
  });
  app.delete(`${path}/:id`, async (request, reply) => {
    await kind.remove(baseOf(request), idOf(request), actorOf(request), request.headers['if-match']);
    return reply.code(204).send();
  });
}

const Whole = z.coerce.number().int();
const ListQuery = z.looseObject({
  filter: z.string().optional(),
  // Below one is one, below none is none (RFC 7644, section 3.4.2.4).
  startIndex: Whole.default(1).transform((index) => Math.max(1, index)),
  count: Whole.default(listedAtMost).transform((count) => Math.min(listedAtMost, Math.max(0, count)))
});

const idOf = (request: FastifyRequest): string => (request.params as { id: string }).id;
const baseOf = ({ headers }: FastifyRequest): string => `https://${headers.host ?? ''}/scim/v2`;

const listOf = (resources: readonly object[], totalResults = resources.length, startIndex = 1) => ({
  schemas: [urn.list],
  totalResults,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources
});

const answer = (request: FastifyRequest, reply: FastifyReply, resource: Resource, status = 200): FastifyReply =>
  send(reply.header('etag', resource.meta.version), status, chosen(request)(resource));

const send = (reply: FastifyReply, status: number, body: object): FastifyReply =>
  reply.code(status).type('application/scim+json').send(JSON.stringify(body));

/** `attributes` and `excludedAttributes` (RFC 7644, section 3.9), of the first level; what a resource is known by always stays. */
function chosen({ query }: FastifyRequest): (resource: Resource) => object {
  const named = (name: string) => {
    const value = (query as Record<string, unknown>)[name];
    return typeof value === 'string'
      ? value
          .toLowerCase()
          .split(',')
          .map((one) => one.trim().split('.')[0] ?? '')
      : [];
  };
  const [wanted, unwanted] = [named('attributes'), named('excludedAttributes')];
  return (resource) =>
    Object.fromEntries(
      Object.entries(resource).filter(([key]) => {
        if (['id', 'schemas', 'meta'].includes(key)) return true;
        const name = key.toLowerCase();
        return wanted.length > 0 ? wanted.includes(name) : !unwanted.includes(name);
      })
    );
}

function refusalOf(error: unknown): ScimError {
  if (error instanceof ScimError) return error;
  const { statusCode } = error as { statusCode?: unknown };
  if (!(error instanceof LetterlockError) && typeof statusCode === 'number' && statusCode < 500)
    return new ScimError(statusCode, statusCode === 400 ? 'invalidSyntax' : undefined, 'request');
  const { code, detail } = asLetterlockError(error);
  const { message, status } = publicErrors[code];
  return new ScimError(status, undefined, detail === undefined ? message : `${message} (${detail})`);
}
