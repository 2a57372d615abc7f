import type { Logger } from '../base/logger.ts';

/** Things that were started and must be stopped: in reverse order, each once, all of them even if one fails. */
export interface Lifecycle {
  add(name: string, stop: () => Promise<void> | void): void;
  stop(): Promise<void>;
}

export function createLifecycle(logger: Logger): Lifecycle {
  const stops: { name: string; stop: () => Promise<void> | void }[] = [];
  let stopping: Promise<void> | undefined;

  async function stopAll() {
    for (let next = stops.pop(); next; next = stops.pop()) {
      try {
        await next.stop();
      } catch (error) {
        logger.error({ part: next.name, error }, 'did not stop cleanly');
      }
    }
  }
  return {
    add: (name, stop) => void stops.push({ name, stop }),
    stop: () => {
      stopping ??= stopAll();
      return stopping;
    }
  };
}
