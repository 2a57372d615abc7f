import { createHmac, hkdfSync } from 'node:crypto';
import type { OrganizationId } from '../../src-preload/contract/index.ts';
import { utf8 } from '../base/bytes.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { CoordinatorStore } from './store.ts';

/**
 * Slows down guessing: after limits.pinTries wrong tries a key (a name, a machine) is locked, for limits.pinLockSeconds and
 * then twice as long each time, up to an hour; or as the key says itself. Tries of one key wait for each other, so that many at once gain nothing and
 * honest ones at once lose nothing. Unknown names are counted as known ones are. All coordinators over one database count together,
 * and a restart forgets nothing; what lies in the database names nobody.
 */
export interface Lockout {
  /**
   * Runs `check` when the tries before it are over. Throws `pin-locked` while any of `keys` is locked, `rate-limited` when too
   * many wait, `pin-wrong` when `check` gives null, which counts as a wrong try; anything else ends the count. The count is in
   * the database before anybody learns that a try was wrong.
   */
  attempt<T>(keys: readonly (string | LockoutKey)[], check: () => Promise<T | null>): Promise<T>;
}

/** A key with a patience of its own: what strangers can use up must not shut out for long. */
export interface LockoutKey {
  readonly key: string;
  readonly tries: number;
  readonly lockSeconds: number;
  readonly longestSeconds: number;
}

export function createLockout(options: {
  readonly store: Pick<CoordinatorStore, 'tables' | 'transaction' | 'cluster'>;
  readonly organization: OrganizationId;
  /** From the key files; only a key derived from it is used. */
  readonly rootKey: Uint8Array;
  readonly clock: Clock;
}): Lockout {
  const { store, organization, rootKey, clock } = options;
  const { wrongTries } = store.tables;
  const hashKey = new Uint8Array(
    hkdfSync('sha256', rootKey, utf8(organization), utf8('letterlock/v1/wrong-tries'), 32)
  );
  const hashOf = (key: string) => createHmac('sha256', hashKey).update(key).digest('base64url');
  /** Also of the other coordinators; one alone has its own queue, and that is enough. */
  const exclusively = store.cluster?.exclusively ?? (<T>(_: readonly string[], run: () => Promise<T>) => run());
  const waiting = new Map<string, { last: Promise<unknown>; count: number }>();

  async function decide<T>(keys: readonly LockoutKey[], check: () => Promise<T | null>): Promise<T> {
    const hashes = keys.map(({ key }) => hashOf(key));
    return exclusively(hashes, async () => {
      const before = await wrongTries.of(hashes);
      const lockedUntil = Math.max(0, ...before);
      if (lockedUntil > clock.now()) throw new LetterlockError('pin-locked', `until ${isoTime(lockedUntil)}`);
      const found = await check();
      if (found === null) {
        await countWrong(keys);
        throw new LetterlockError('pin-wrong');
      }
      if (before.length > 0) await wrongTries.clear(hashes);
      return found;
    });
  }

  const countWrong = (keys: readonly LockoutKey[]) =>
    store.transaction(async (tables) => {
      const now = clock.now();
      // Bounded: a flood of invented names pushes out old tries, never a lock.
      await tables.wrongTries.forget({ now, before: now - forgetMs, most: limits.lockoutEntries - keys.length });
      for (const patience of keys) {
        const hash = hashOf(patience.key);
        const until = lockEnd(patience, await tables.wrongTries.add(hash, now), now);
        if (until > 0) await tables.wrongTries.lock(hash, until);
      }
    });

  return {
    async attempt(given, check) {
      const patient = given.map((key) => (typeof key === 'string' ? { key, ...usual } : key));
      const keys = patient.map(({ key }) => key);
      const queues = keys.map((key) => waiting.get(key) ?? { last: Promise.resolve(), count: 0 });
      if (queues.some(({ count }) => count >= limits.waitingTries)) throw new LetterlockError('rate-limited');
      const turn = Promise.allSettled(queues.map(({ last }) => last)).then(() => decide(patient, check));
      keys.forEach((key, i) => {
        const queue = queues[i];
        if (queue) waiting.set(key, Object.assign(queue, { last: turn, count: queue.count + 1 }));
      });
      try {
        return await turn;
      } finally {
        for (const key of keys) {
          const queue = waiting.get(key);
          if (queue) queue.count -= 1;
          if (queue?.count === 0) waiting.delete(key);
        }
      }
    }
  };
}

/** Who tries no more often than that gets fewer tries than the longest lock lets through. */
const forgetMs = 24 * 3600 * 1000;

const usual = { tries: limits.pinTries, lockSeconds: limits.pinLockSeconds, longestSeconds: 3600 };

function lockEnd({ tries, lockSeconds, longestSeconds }: LockoutKey, count: number, now: number): number {
  if (count < tries) return 0;
  return now + Math.min(lockSeconds * 2 ** (count - tries), longestSeconds) * 1000;
}
