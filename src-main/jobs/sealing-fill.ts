import { LetterlockError } from '../base/errors.ts';
import { limits, MiB } from '../base/limits.ts';
import type { BlobSealer } from '../sealing/blob.ts';
import { headerSize, tagSize } from '../sealing/blob-header.ts';
import { abortable } from './abortable.ts';
import type { Fill } from './pump.ts';

/** About 1 MiB at a time: the cost of sending is per call, not per byte. */
const chunkSize = MiB;

/** Room for one chunk of sealed segments, the header, and the segment that the sealer may hold back. */
export const sealedChunkBound = (segmentSize: number): number =>
  headerSize + (Math.max(1, chunkSize / segmentSize) + 2) * (segmentSize + tagSize);

/**
 * The blob of a document as it comes in: header, then segments sealed straight into the buffer that will be sent. Keeps no
 * copy of anything. `too-large` beyond limits.document; `signal` ends a wait for the source with its reason.
 */
export function sealingFill(blob: BlobSealer, source: AsyncIterator<Uint8Array>, signal: AbortSignal): Fill {
  const sealedSegment = blob.segmentSize + tagSize;
  let rest: Uint8Array = new Uint8Array(0);
  let begun = false;
  let finished = false;

  return async (into) => {
    let end = 0;
    if (finished) return end;
    if (!begun) {
      begun = true;
      into.set(blob.header);
      end = headerSize;
    }
    for (;;) {
      // Whole segments only, so that an aligned source is never copied; one more may come out than goes in.
      const segments = Math.floor((into.length - end) / sealedSegment) - 1;
      if (segments < 1) return end;
      if (rest.length === 0) {
        const next = await abortable(source.next(), signal);
        if (next.done) {
          finished = true;
          return end + blob.final(into.subarray(end));
        }
        rest = next.value;
        if (blob.size + rest.length > limits.document) throw new LetterlockError('too-large', 'document');
      }
      const piece = rest.subarray(0, segments * blob.segmentSize);
      end += blob.update(piece, into.subarray(end));
      rest = rest.subarray(piece.length);
    }
  };
}
