import { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { WebSessionId } from '../../../src-preload/contract/index.ts';
import { utf8 } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { WebSessionRecord } from '../admins/tables.ts';
import type { CoordinatorStore, Tables } from '../store.ts';

/**
 * Sign-ins in browsers. The cookie holds 32 random bytes, here lies their hash; every sign-in gets new ones, so a token that
 * somebody planted beforehand is worth nothing afterwards. A session ends by idleness, by age, or because somebody ends it.
 */
export interface WebSessions {
  /** Inside an act. `token` is for the cookie and known to nobody else. */
  open(tables: Tables, who: Pick<WebSessionRecord, 'kind' | 'subject'>, from: BrowserAt): Promise<OpenedSession>;
  /** The session of this token, unless it is over. Does not count as activity. */
  find(token: string): Promise<WebSessionRecord | undefined>;
  /** The same session as it stands now. */
  again(session: WebSessionRecord): Promise<WebSessionRecord | undefined>;
  /** Somebody is there. Returns the session as it is now. */
  touch(session: WebSessionRecord): Promise<WebSessionRecord>;
  /** For the header of every POST: only who read an answer of this session knows it. */
  csrf(session: WebSessionRecord): string;
  csrfMatches(session: WebSessionRecord, given: unknown): boolean;
}
export interface BrowserAt {
  readonly address: string;
  readonly agent: string;
}
export interface OpenedSession {
  readonly session: WebSessionRecord;
  readonly token: string;
}

const idleMs = limits.webSessionIdleSeconds * 1000;
const lifeMs = limits.webSessionSeconds * 1000;
const proofMs = limits.webProofSeconds * 1000;
/** Activity is written down no more often than this. */
const touchMs = 30_000;

export const idleEnd = ({ lastUsed }: WebSessionRecord): number => lastUsed + idleMs;
export const sessionEnd = ({ created }: WebSessionRecord): number => created + lifeMs;
export const freshUntil = ({ proved }: WebSessionRecord): number => proved + proofMs;

/** `key`: 32 bytes, for nothing else. */
export function createWebSessions(options: {
  readonly store: CoordinatorStore;
  readonly key: Uint8Array;
  readonly clock: Clock;
}): WebSessions {
  const { store, key, clock } = options;
  const csrf = ({ id }: WebSessionRecord) => createHmac('sha256', key).update(`csrf ${id}`).digest('base64url');

  async function valid(tokenHash: string): Promise<WebSessionRecord | undefined> {
    const session = await store.tables.webSessions.byTokenHash(tokenHash);
    const now = clock.now();
    return session && idleEnd(session) > now && sessionEnd(session) > now ? session : undefined;
  }

  return {
    async open({ webSessions }, { kind, subject }, { address, agent }) {
      const now = clock.now();
      await webSessions.removeOld(now - idleMs, now - lifeMs);
      const before = await webSessions.of(kind, subject);
      for (const { id } of before.slice(limits.webSessions - 1)) await webSessions.remove(id);
      const token = randomBytes(32).toString('base64url');
      const session: WebSessionRecord = {
        id: WebSessionId.parse(randomUUID()),
        tokenHash: hashOf(token),
        kind,
        subject,
        created: now,
        lastUsed: now,
        proved: now,
        address,
        agent: agent.slice(0, 200)
      };
      await webSessions.insert(session);
      return { session, token };
    },

    find: (token) => valid(hashOf(token)),
    again: ({ tokenHash }) => valid(tokenHash),

    async touch(session) {
      const lastUsed = clock.now();
      if (lastUsed - session.lastUsed < touchMs) return session;
      await store.tables.webSessions.update(session.id, { lastUsed });
      return { ...session, lastUsed };
    },

    csrf,
    csrfMatches(session, given) {
      const [known, got] = [utf8(csrf(session)), utf8(typeof given === 'string' ? given : '')];
      return known.length === got.length && timingSafeEqual(known, got);
    }
  };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
