import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { ApiTokenId, type ApiTokenView, procedures } from '../../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Perform } from '../act.ts';
import type { AdminArea } from '../admin/area.ts';
import type { CoordinatorStore } from '../store.ts';
import type { ApiTokenRecord } from './tables.ts';

/** Tokens for programs: rights in some areas for some days, shown once, kept as a hash. They never stand in a browser. */
export interface ApiTokens {
  /** The token of an Authorization header. Throws `session-expired` when it is none, or none any more. */
  use(authorization: string): Promise<ApiTokenRecord>;
  readonly handlers: AdminArea<'api-token'>;
}

/** `Bearer llt_…`: 32 random bytes; the prefix is for those who look for lost secrets in files. */
const bearer = /^Bearer (llt_[A-Za-z0-9_-]{43})$/;
/** The last use is written down no more often than this. */
const useMs = 60_000;
/** `scim`: the directory's own interface, which has no procedures. */
const areas = new Set([
  'scim',
  ...Object.keys(procedures).flatMap((name) => /^admin\.([a-z-]+)\./.exec(name)?.[1] ?? [])
]);

export function createApiTokens(options: {
  readonly store: CoordinatorStore;
  readonly perform: Perform;
  readonly clock: Clock;
}): ApiTokens {
  const { store, perform, clock } = options;

  return {
    async use(authorization) {
      const text = bearer.exec(authorization)?.[1];
      const token = text && (await store.tables.apiTokens.byTokenHash(hashOf(text)));
      const now = clock.now();
      if (!token || token.expires <= now) throw new LetterlockError('session-expired', 'API token');
      if (now - (token.lastUsed ?? 0) > useMs) await store.tables.apiTokens.setLastUsed(token.id, now);
      return token;
    },

    handlers: {
      async 'admin.api-token.create'({ name, scopes, days }, actor) {
        for (const scope of scopes) {
          const area = scope.slice(0, scope.indexOf(':'));
          if (area !== '*' && !areas.has(area)) throw new LetterlockError('input-invalid', `scopes: ${area}`);
        }
        const text = `llt_${randomBytes(32).toString('base64url')}`;
        const now = clock.now();
        const token: ApiTokenRecord = {
          id: ApiTokenId.parse(randomUUID()),
          name,
          tokenHash: hashOf(text),
          scopes: [...new Set(scopes)],
          createdBy: actor,
          created: now,
          expires: now + Math.round(days * 86_400_000),
          lastUsed: null
        };
        await perform(actor, async ({ tables, record }) => {
          if ((await tables.apiTokens.list()).length >= limits.apiTokens)
            throw new LetterlockError('conflict', 'too many API tokens');
          await tables.apiTokens.insert(token);
          record('api-token.created', token.id, { name, scopes: token.scopes, expires: isoTime(token.expires) });
        });
        return { ...view(token), token: text };
      },
      'admin.api-token.list': async () => (await store.tables.apiTokens.list()).map(view),
      async 'admin.api-token.revoke'({ id }, actor) {
        await perform(actor, async ({ tables, record }) => {
          const token = await tables.apiTokens.get(id);
          if (!token) throw new LetterlockError('not-found', 'API token');
          await tables.apiTokens.remove(id);
          record('api-token.revoked', id, { name: token.name });
        });
        return {};
      }
    }
  };
}

const view = ({
  tokenHash: _,
  scopes,
  created,
  expires,
  lastUsed,
  ...token
}: ApiTokenRecord): z.infer<typeof ApiTokenView> => ({
  ...token,
  scopes: [...scopes],
  created: isoTime(created),
  expires: isoTime(expires),
  lastUsed: lastUsed === null ? null : isoTime(lastUsed)
});

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
