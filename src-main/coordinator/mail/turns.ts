import { LetterlockError } from '../../base/errors.ts';

/** Runs at most `atOnce` at a time, in the order asked for; while `waiting` wait, one more is refused with `rate-limited`. */
export type Turns = <T>(run: () => Promise<T>) => Promise<T>;

export function createTurns(atOnce: number, waiting: number): Turns {
  const queue: (() => void)[] = [];
  let free = atOnce;

  return async (run) => {
    if (free > 0) free -= 1;
    else if (queue.length >= waiting) throw new LetterlockError('rate-limited', 'mails');
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await run();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free += 1;
    }
  };
}
