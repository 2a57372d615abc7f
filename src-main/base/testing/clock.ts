import type { Clock } from '../clock.ts';

/** A clock that stands until a test moves it. */
export interface TestClock extends Clock {
  /** Runs everything that is due by then, in order. */
  advance(ms: number): void;
  /** How many timers wait. */
  waiting(): number;
}

/** `start`: milliseconds since the Unix epoch. */
export function createTestClock(start: number = Date.now()): TestClock {
  let now = start;
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
        const next = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = end;
    },
    waiting: () => timers.size
  };
}
