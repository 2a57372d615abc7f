import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';

/**
 * Slows down guessing: after limits.pinTries wrong tries a key (a name, a machine) is locked, for limits.pinLockSeconds and
 * then twice as long each time, up to an hour. Tries of one key wait for each other, so that many at once gain nothing and
 * honest ones at once lose nothing. Unknown names are counted as known ones are.
 */
export interface Lockout {
  /**
   * Runs `check` when the tries before it are over. Throws `pin-locked` while any of `keys` is locked, `rate-limited` when too
   * many wait, `pin-wrong` when `check` gives null, which counts as a wrong try; anything else ends the count.
   */
  attempt<T>(keys: readonly string[], check: () => Promise<T | null>): Promise<T>;
}

export function createLockout(clock: Clock): Lockout {
  /** Oldest try first. */
  const wrong = new Map<string, { readonly count: number; readonly lockedUntil: number }>();
  const waiting = new Map<string, { last: Promise<unknown>; count: number }>();

  async function decide<T>(keys: readonly string[], check: () => Promise<T | null>): Promise<T> {
    const lockedUntil = Math.max(...keys.map((key) => wrong.get(key)?.lockedUntil ?? 0));
    if (lockedUntil > clock.now()) throw new LetterlockError('pin-locked', `until ${isoTime(lockedUntil)}`);
    const found = await check();
    for (const key of keys) {
      const count = (wrong.get(key)?.count ?? 0) + 1;
      wrong.delete(key);
      if (found === null) wrong.set(key, { count, lockedUntil: lockEnd(count, clock.now()) });
    }
    forgetOldest(wrong, clock.now());
    if (found === null) throw new LetterlockError('pin-wrong');
    return found;
  }

  return {
    async attempt(keys, check) {
      const queues = keys.map((key) => waiting.get(key) ?? { last: Promise.resolve(), count: 0 });
      if (queues.some(({ count }) => count >= limits.waitingTries)) throw new LetterlockError('rate-limited');
      const turn = Promise.allSettled(queues.map(({ last }) => last)).then(() => decide(keys, check));
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

function lockEnd(count: number, now: number): number {
  if (count < limits.pinTries) return 0;
  return now + Math.min(limits.pinLockSeconds * 2 ** (count - limits.pinTries), 3600) * 1000;
}

/** Bounded: a flood of invented names pushes out old tries, never a lock. */
function forgetOldest(tries: Map<string, { lockedUntil: number }>, now: number): void {
  for (const [key, { lockedUntil }] of tries) {
    if (tries.size <= limits.lockoutEntries) return;
    if (lockedUntil <= now) tries.delete(key);
  }
}
