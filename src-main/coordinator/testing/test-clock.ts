import type { Clock } from '../../base/clock.ts';

export interface TestClock extends Clock {
  /** Time jumps; whatever became due runs at once, in order. */
  advance(ms: number): void;
}

/** The real time plus what was added; timers run by themselves too, so real connections work. */
export function createTestClock(): TestClock {
  let added = 0;
  const now = () => Date.now() + added;
  const timers = new Set<{ at: number; run: () => void }>();

  return {
    now,
    after(ms, run) {
      const fire = () => {
        if (timers.delete(timer)) run();
      };
      const timer = { at: now() + ms, run: fire };
      timers.add(timer);
      const real = setTimeout(fire, ms);
      real.unref();
      return () => {
        timers.delete(timer);
        clearTimeout(real);
      };
    },
    advance(ms) {
      added += ms;
      for (const { at, run } of [...timers].sort((a, b) => a.at - b.at)) if (at <= now()) run();
    }
  };
}
