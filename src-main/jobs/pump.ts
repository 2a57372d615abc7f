import type { Pool } from './pool.ts';

/** Fills a buffer from its start; resolves to the bytes written, 0 at the end. */
export type Fill = (into: Buffer) => Promise<number>;

/** Takes a chunk; its memory may be used again when the promise settles. Called in order, without waiting for the one before. */
export type Drain = (chunk: Uint8Array) => Promise<void>;

/** Chunks under way at once: enough to fill one while the one before is being sent. */
const depth = 2;

/** Moves everything from `fill` to `drain` through a few reused buffers, at the pace of the slower. Throws what either throws. */
export async function pump(fill: Fill, drain: Drain, pool: Pool<Buffer>, signal: AbortSignal): Promise<void> {
  const underWay: Promise<void>[] = [];
  try {
    for (;;) {
      const buffer = await pool.take(signal);
      let length = 0;
      try {
        length = await fill(buffer);
      } finally {
        if (length === 0) pool.give(buffer);
      }
      if (length === 0) break;
      const drained = drain(buffer.subarray(0, length)).finally(() => pool.give(buffer));
      drained.catch(() => {}); // reported where it is awaited
      underWay.push(drained);
      if (underWay.length === depth) await underWay.shift();
    }
    await Promise.all(underWay);
  } finally {
    await Promise.allSettled(underWay);
  }
}
