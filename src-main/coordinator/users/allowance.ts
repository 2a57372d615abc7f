import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';

/** Takes one of what a key may have within its time; false: there is none left. Time begins with the first. */
export type Allowance = (key: string) => boolean;

export function createAllowance(options: {
  readonly count: number;
  readonly seconds: number;
  readonly clock: Clock;
}): Allowance {
  const { count, seconds, clock } = options;
  /** In the order in which they began. */
  const begun = new Map<string, { taken: number; readonly until: number }>();

  return (key) => {
    const now = clock.now();
    for (const [old, { until }] of begun) {
      if (until > now && begun.size < limits.lockoutEntries) break;
      begun.delete(old);
    }
    const own = begun.get(key) ?? { taken: 0, until: now + seconds * 1000 };
    if (own.taken >= count) return false;
    own.taken += 1;
    begun.set(key, own);
    return true;
  };
}
