import type { EventName, EventPayload } from '../../src-preload/contract/index.ts';

export type EventListener = <E extends EventName>(name: E, payload: EventPayload<E>) => void;

/** Events of one role, from its services to whichever channel listens. */
export interface EventBus {
  emit: EventListener;
  on(listener: EventListener): () => void;
}

export function createEventBus(): EventBus {
  const listeners = new Set<EventListener>();
  return {
    emit(name, payload) {
      for (const listener of listeners) listener(name, payload);
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }
  };
}

/**
 * Calls `run` soon, and at most once per `ms`: many small changes become one snapshot, the last one always gets out.
 */
export function coalesce(run: () => void, ms: number): { request(): void; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  /** On the monotonic clock: a wall clock that somebody sets back must not keep the next snapshot for hours. */
  let last = -ms;
  return {
    request() {
      if (timer) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          last = performance.now();
          run();
        },
        Math.max(0, last + ms - performance.now())
      );
      timer.unref();
    },
    cancel() {
      clearTimeout(timer);
      timer = undefined;
    }
  };
}
