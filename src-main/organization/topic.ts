import type { Logger } from '../base/logger.ts';

/** One kind of event with its listeners. What happens before the first listener comes is kept for it, up to `hold` events. */
export interface Topic<Event> {
  emit(event: Event): void;
  on(listener: (event: Event) => void): () => void;
}

/** A listener that throws is logged and harms nobody else. */
export function createTopic<Event>(logger: Logger, hold = 0): Topic<Event> {
  const listeners = new Set<(event: Event) => void>();
  const held: Event[] = [];

  const tell = (listener: (event: Event) => void, event: Event) => {
    try {
      listener(event);
    } catch (error) {
      logger.error({ error }, 'listener failed');
    }
  };
  return {
    emit(event) {
      for (const listener of [...listeners]) tell(listener, event);
      if (listeners.size > 0) return;
      held.push(event);
      if (held.length > hold) held.shift();
    },
    on(listener) {
      listeners.add(listener);
      for (const event of held.splice(0)) tell(listener, event);
      return () => listeners.delete(listener);
    }
  };
}
