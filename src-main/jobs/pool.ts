/**
 * So many of something and never more, made when first needed and used again and again. Who finds none free waits its turn,
 * and with it whoever sends.
 */
export interface Pool<T> {
  /** Rejects with the signal's reason if that comes first. */
  take(signal: AbortSignal): Promise<T>;
  give(item: T): void;
}

export function createPool<T>(count: number, make: () => T): Pool<T> {
  const free: T[] = [];
  const waiting = new Set<(item: T) => void>();
  let made = 0;
  return {
    async take(signal) {
      signal.throwIfAborted();
      const item = free.pop();
      if (item !== undefined) return item;
      if (made < count) {
        made++;
        return make();
      }
      return new Promise((resolve, reject) => {
        const turn = (given: T) => {
          signal.removeEventListener('abort', abort);
          resolve(given);
        };
        const abort = () => {
          waiting.delete(turn);
          reject(signal.reason);
        };
        signal.addEventListener('abort', abort, { once: true });
        waiting.add(turn);
      });
    },
    give(item) {
      const [next] = waiting;
      if (!next) return void free.push(item);
      waiting.delete(next);
      next(item);
    }
  };
}
