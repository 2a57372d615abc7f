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
  let last = 0;
  return {
    request() {
      if (timer) return;
      timer = setTimeout(
        () => {
          timer = undefined;
          last = Date.now();
          run();
        },
        Math.max(0, last + ms - Date.now())
      );
      timer.unref();
    },
    cancel() {
      clearTimeout(timer);
      timer = undefined;
    }
  };
}
