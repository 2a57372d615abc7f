import { createHash, randomBytes } from 'node:crypto';
import type { DeviceId, UserId } from '../../src-preload/contract/index.ts';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { CoordinatorStore, Tables } from './store.ts';

/**
 * Who is signed in at a station or a client. The token is 32 random bytes that only its owner knows (here lies its hash), and it
 * ends after a time of idleness. In the database, so that every coordinator knows it.
 */
export interface Sessions {
  /** Inside an act. */
  open(tables: Tables, who: SignedIn): Promise<{ readonly token: string; readonly expires: number }>;
  /** Counts as activity. Throws `session-expired` when there is none, or it was opened at another device. */
  use(token: string, device: DeviceId): Promise<SignedIn>;
  end(token: string): Promise<void>;
  endOf(of: { readonly user: UserId } | { readonly device: DeviceId }): Promise<void>;
}

/** A user at one device: elsewhere the session is worth nothing. */
export interface SignedIn {
  readonly user: UserId;
  readonly device: DeviceId;
}

const idleMs = limits.sessionSeconds * 1000;
/** Activity is written down no more often than this. */
const touchMs = 5_000;

/** `onEnded`: told of each session that `endOf` ended. */
export function createSessions(options: {
  readonly store: CoordinatorStore;
  readonly clock: Clock;
  readonly onEnded: (who: SignedIn) => void;
}): Sessions {
  const { store, clock, onEnded } = options;
  const { stationSessions } = store.tables;

  return {
    async open({ stationSessions }, who) {
      const now = clock.now();
      await stationSessions.makeRoom(now, limits.sessions);
      const token = randomBytes(32).toString('base64url');
      const expires = now + idleMs;
      await stationSessions.insert({ tokenHash: hashOf(token), ...who, expires });
      return { token, expires };
    },
    async use(token, device) {
      const session = await stationSessions.get(hashOf(token));
      const now = clock.now();
      if (session?.device !== device || session.expires <= now) throw new LetterlockError('session-expired');
      const expires = now + idleMs;
      if (expires - session.expires >= touchMs) await stationSessions.setExpires(session.tokenHash, expires);
      return { user: session.user, device };
    },
    end: (token) => stationSessions.remove(hashOf(token)),
    async endOf(of) {
      for (const { user, device } of await stationSessions.removeOf(of)) onEnded({ user, device });
    }
  };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
