import type { FastifyRequest } from 'fastify';
import type { UserId } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { ApiTokens } from '../admins/api-tokens.ts';
import type { WebSessionRecord } from '../admins/tables.ts';
import type { CoordinatorStore } from '../store.ts';
import type { Principal } from './principal.ts';
import { sessionCookie } from './session-cookie.ts';
import type { WebSessions } from './web-sessions.ts';

/**
 * Who sends a request: an API token in its Authorization header, or a session in the cookie. A browser never sends the header
 * by itself; what it does send by itself, the cookie, counts only on requests of our own pages.
 */
export interface Authenticate {
  /** Null: a visitor. Throws `session-expired` for a bearer token that is none, `not-allowed` for another site's request. */
  (request: FastifyRequest): Promise<Principal | null>;
  /** The same principal as it stands now; undefined when it is over. */
  again(principal: Principal): Promise<Principal | undefined>;
}

export function createAuthenticate(options: {
  readonly store: CoordinatorStore;
  readonly sessions: WebSessions;
  readonly apiTokens: ApiTokens;
  readonly clock: Clock;
}): Authenticate {
  const { store, sessions, apiTokens, clock } = options;

  async function bySession(session: WebSessionRecord | undefined): Promise<Principal | undefined> {
    if (session?.kind === 'admin') {
      const admin = await store.tables.admins.get(session.subject);
      return admin && { kind: 'admin', session, admin };
    }
    if (session?.kind === 'user') {
      const user = await store.tables.users.get(session.subject as UserId);
      return user?.status === 'active' ? { kind: 'user', session, user } : undefined;
    }
    return undefined;
  }

  const authenticate = async (request: FastifyRequest): Promise<Principal | null> => {
    requireOwnSite(request);
    const { authorization } = request.headers;
    if (authorization !== undefined) return { kind: 'token', token: await apiTokens.use(authorization) };
    const cookie = request.cookies[sessionCookie];
    const principal = cookie && (await bySession(await sessions.find(cookie)));
    if (!principal || principal.kind === 'token') return null;
    if (request.method === 'GET') return principal;
    // Whoever sends the cookie of a session must have read one of its answers, which no other site can.
    if (request.headers.origin === undefined || !sessions.csrfMatches(principal.session, request.headers[csrfHeader]))
      throw new LetterlockError('not-allowed', csrfHeader);
    return { ...principal, session: await sessions.touch(principal.session) };
  };

  return Object.assign(authenticate, {
    async again(principal: Principal): Promise<Principal | undefined> {
      if (principal.kind !== 'token') return bySession(await sessions.again(principal.session));
      const token = await store.tables.apiTokens.get(principal.token.id);
      return token && token.expires > clock.now() ? { kind: 'token', token } : undefined;
    }
  });
}

export const csrfHeader = 'x-letterlock-csrf';

/** Fetch Metadata and Origin, where the browser sends them: another site's page gets nothing, whatever cookies it drags along. */
function requireOwnSite({ headers, method }: FastifyRequest): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const own = site === undefined || site === 'same-origin' || (site === 'none' && method === 'GET');
  if (!own || (origin !== undefined && origin !== `https://${host}`))
    throw new LetterlockError('not-allowed', 'origin');
}
