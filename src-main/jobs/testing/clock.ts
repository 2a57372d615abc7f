import type { Clock } from '../../base/clock.ts';

/** A clock that a test moves. */
export interface TestClock extends Clock {
  /** Runs everything that is due by then, in order. */
  advance(ms: number): void;
}

export function createTestClock(now = Date.parse('2030-01-01T00:00:00Z')): TestClock {
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = end;
    }
  };
}
