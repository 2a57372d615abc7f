import type { Clock } from '../base/clock.ts';

/** Passes on at most ten numbers a second. */
export function createProgress(clock: Clock, pass: (bytes: number) => void): (bytes: number) => void {
  let next = 0;
  return (bytes) => {
    const now = clock.now();
    if (now < next) return;
    next = now + 100;
    pass(bytes);
  };
}
