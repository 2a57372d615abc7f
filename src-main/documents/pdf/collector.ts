/** Puts the pieces of something together, up to a bound. */
export interface Collector {
  add(bytes: Buffer): void;
  /** Null when there were too many. */
  bytes(): Buffer | null;
}

/** Grows by doubling, so that tiny pieces cost no more than large ones, and nothing is taken that isn't needed. */
export function createCollector(most: number): Collector {
  let buffer = Buffer.alloc(0);
  let length = 0;
  return {
    add(bytes) {
      const total = length + bytes.length;
      if (total > buffer.length && total <= most) {
        const larger = Buffer.allocUnsafe(Math.max(total, 2 * buffer.length, 4096));
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      if (total <= most) bytes.copy(buffer, length);
      length = Math.min(total, most + 1);
    },
    bytes: () => (length > most ? null : buffer.subarray(0, length))
  };
}
