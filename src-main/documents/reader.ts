import type { DocumentFacts } from '../../src-preload/contract/views.ts';

/** Takes a document in chunks of any size and says at its end what is known. */
export interface FactsReader {
  write(chunk: Uint8Array): void;
  end(): DocumentFacts;
}

/** A view of the same bytes that has Buffer's number readers and searches. */
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export interface Cutter {
  write(chunk: Uint8Array): void;
  /** Bytes that wait for more. */
  readonly waiting: number;
}

/** How much of a chunk is put behind bytes that wait, so that a large chunk needn't be copied for their sake. */
const joint = 4096;

/**
 * Cuts a byte stream into pieces that a reader takes whole: `take` gets bytes and answers how many of them it used; it gets
 * the others again, with more behind them. What waits between two chunks is copied, so that no chunk is kept: `take` must use
 * what it can, and give up before it lets more wait than it has bounds for.
 */
export function createCutter(take: (bytes: Buffer) => number): Cutter {
  let rest = Buffer.alloc(0);
  return {
    write(chunk) {
      let bytes = asBuffer(chunk);
      while (rest.length > 0 && bytes.length > 0) {
        const joined = Buffer.concat([rest, bytes.subarray(0, joint)]);
        const used = take(joined);
        const ofChunk = used < rest.length ? joined.length - rest.length : used - rest.length;
        rest = used < rest.length ? joined.subarray(used) : Buffer.alloc(0);
        bytes = bytes.subarray(ofChunk);
      }
      if (bytes.length > 0) rest = Buffer.from(bytes.subarray(take(bytes)));
    },
    get waiting() {
      return rest.length;
    }
  };
}
