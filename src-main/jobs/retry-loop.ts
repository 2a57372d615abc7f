import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { backoff } from '../base/retry.ts';

/**
 * Work that waits for the world: runs when woken, never twice at once, and again by itself after a growing pause for as long
 * as `run` says that something is left. Never throws; what `run` throws is logged and tried again.
 */
export interface RetryLoop {
  /** Something changed: try now. */
  wake(): void;
  /** Aborts what runs and waits for it. */
  close(): Promise<void>;
}

const pauses = () => backoff(1_000, 60_000);

/** `run` resolves to true while work is left that only time or an event can help. */
export function createRetryLoop(options: {
  readonly name: string;
  readonly run: (signal: AbortSignal) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
}): RetryLoop {
  const { name, run, clock, logger } = options;
  const closing = new AbortController();
  let running: Promise<void> | undefined;
  let again = false;
  let pause = pauses();
  let cancelTimer = () => {};

  const once = async () => {
    do {
      again = false;
      let left = true;
      try {
        left = await run(closing.signal);
      } catch (error) {
        if (!closing.signal.aborted) logger.warn({ error, loop: name }, 'will be tried again');
      }
      if (!again && left && !closing.signal.aborted) {
        cancelTimer = clock.after(pause.next().value, start);
      }
    } while (again && !closing.signal.aborted);
    running = undefined;
  };
  const start = () => {
    if (closing.signal.aborted) return;
    cancelTimer();
    again = true;
    running ??= once();
  };

  return {
    wake() {
      pause = pauses();
      start();
    },
    async close() {
      closing.abort();
      cancelTimer();
      await running;
    }
  };
}
