import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';

/**
 * Slows down guessing: after limits.pinTries wrong tries a key is locked, for limits.pinLockSeconds and then twice as long
 * each time, up to an hour. A try counts from its beginning, so that many at once gain nothing. Unknown names are counted
 * as known ones are.
 */
export interface Lockout {
  /** Throws `pin-locked` while any of `keys` is locked, else counts a try for each. */
  enter(...keys: string[]): void;
  /** The try was right. */
  succeed(...keys: string[]): void;
}

export function createLockout(clock: Clock): Lockout {
  /** Oldest try first. */
  const tries = new Map<string, { count: number; lockedUntil: number }>();

  return {
    enter(...keys) {
      const now = clock.now();
      const lockedUntil = Math.max(...keys.map((key) => tries.get(key)?.lockedUntil ?? 0));
      if (lockedUntil > now) throw new LetterlockError('pin-locked', `until ${isoTime(lockedUntil)}`);
      for (const key of keys) {
        const count = (tries.get(key)?.count ?? 0) + 1;
        tries.delete(key);
        tries.set(key, { count, lockedUntil: count < limits.pinTries ? 0 : now + lockMs(count) });
      }
      forgetOldest(tries, now);
    },
    succeed(...keys) {
      for (const key of keys) tries.delete(key);
    }
  };
}

const lockMs = (count: number): number => Math.min(limits.pinLockSeconds * 2 ** (count - limits.pinTries), 3600) * 1000;

/** Bounded: a flood of invented names pushes out old tries, never a lock. */
function forgetOldest(tries: Map<string, { lockedUntil: number }>, now: number): void {
  for (const [key, { lockedUntil }] of tries) {
    if (tries.size <= limits.lockoutEntries) return;
    if (lockedUntil <= now) tries.delete(key);
  }
}
