import type { Logger } from '../../base/logger.ts';

/** What goes on by itself: bounded, never unhandled, and waited for at the end. */
export interface Work {
  readonly signal: AbortSignal;
  /** Runs it now, beside everything else. What it throws goes to the log. */
  run(name: string, task: (signal: AbortSignal) => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

export function createWork(logger: Logger): Work {
  const ended = new AbortController();
  const running = new Set<Promise<void>>();
  return {
    signal: ended.signal,
    run(name, task) {
      if (ended.signal.aborted) return Promise.resolve();
      const mine = task(ended.signal).then(
        () => {},
        (error: unknown) => {
          if (!ended.signal.aborted) logger.warn({ error }, `repair: ${name} failed`);
        }
      );
      running.add(mine);
      return mine.finally(() => running.delete(mine));
    },
    async close() {
      ended.abort();
      await Promise.all(running);
    }
  };
}

/** Runs `task` soon after the first call, and once more if it was called while it ran. */
export function coalesced(run: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  return function request() {
    again = true;
    if (running) return;
    running = true;
    queueMicrotask(async () => {
      while (again) {
        again = false;
        await run();
      }
      running = false;
    });
  };
}
