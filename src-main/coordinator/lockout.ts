import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';

/**
 * Slows down guessing: after limits.pinTries wrong tries a key (a name, a machine) is locked, for limits.pinLockSeconds and
 * then twice as long each time, up to an hour; or as the key says itself. Tries of one key wait for each other, so that many at once gain nothing and
 * honest ones at once lose nothing. Unknown names are counted as known ones are.
 */
/** A key with a patience of its own: what strangers can use up must not shut out for long. */
export interface LockoutKey {
  readonly key: string;
  readonly tries: number;
  readonly lockSeconds: number;
  readonly longestSeconds: number;
}

export interface Lockout {
  /**
   * Runs `check` when the tries before it are over. Throws `pin-locked` while any of `keys` is locked, `rate-limited` when too
   * many wait, `pin-wrong` when `check` gives null, which counts as a wrong try; anything else ends the count.
   */
  attempt<T>(keys: readonly (string | LockoutKey)[], check: () => Promise<T | null>): Promise<T>;
}

export function createLockout(clock: Clock): Lockout {
  /** Oldest try first. */
  const wrong = new Map<string, { readonly count: number; readonly lockedUntil: number }>();
  const waiting = new Map<string, { last: Promise<unknown>; count: number }>();

  async function decide<T>(keys: readonly LockoutKey[], check: () => Promise<T | null>): Promise<T> {
    const lockedUntil = Math.max(...keys.map(({ key }) => wrong.get(key)?.lockedUntil ?? 0));
    if (lockedUntil > clock.now()) throw new LetterlockError('pin-locked', `until ${isoTime(lockedUntil)}`);
    const found = await check();
    for (const patience of keys) {
      const { key } = patience;
      const count = (wrong.get(key)?.count ?? 0) + 1;
      wrong.delete(key);
      if (found === null) wrong.set(key, { count, lockedUntil: lockEnd(patience, count, clock.now()) });
    }
    forgetOldest(wrong, clock.now());
    if (found === null) throw new LetterlockError('pin-wrong');
    return found;
  }

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

const usual = { tries: limits.pinTries, lockSeconds: limits.pinLockSeconds, longestSeconds: 3600 };

function lockEnd({ tries, lockSeconds, longestSeconds }: LockoutKey, count: number, now: number): number {
  if (count < tries) return 0;
  return now + Math.min(lockSeconds * 2 ** (count - tries), longestSeconds) * 1000;
}

/** Bounded: a flood of invented names pushes out old tries, never a lock. */
function forgetOldest(tries: Map<string, { lockedUntil: number }>, now: number): void {
  for (const [key, { lockedUntil }] of tries) {
    if (tries.size <= limits.lockoutEntries) return;
    if (lockedUntil <= now) tries.delete(key);
  }
}
