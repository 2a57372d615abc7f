/**
 * The memory through which all documents of this machine pass: so many buffers and never more, whatever is printed at once.
 * Who finds none free waits, and with it whoever sends.
 */
export interface BufferPool {
  take(): Promise<Buffer>;
  give(buffer: Buffer): void;
}

export function createBufferPool(options: { readonly count: number; readonly bytes: number }): BufferPool {
  const free: Buffer[] = [];
  const waiting: ((buffer: Buffer) => void)[] = [];
  let made = 0;
  return {
    async take() {
      const buffer = free.pop();
      if (buffer) return buffer;
      if (made < options.count) {
        made++;
        return Buffer.allocUnsafeSlow(options.bytes);
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    give(buffer) {
      const next = waiting.shift();
      if (next) next(buffer);
      else free.push(buffer);
    }
  };
}
