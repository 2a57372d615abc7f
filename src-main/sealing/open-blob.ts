import { LetterlockError } from '../base/errors.ts';
import { MiB } from '../base/limits.ts';
import { blobSizeOf, headerSize, tagSize } from './blob-header.ts';
import { type BlobExpectation, type BlobOpener, createBlobOpener } from './blob-opener.ts';

/** Anything that reads at a position, such as a FileHandle of node:fs/promises. */
export interface BlobReader {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
}

/**
 * The document of a blob, verified, in order, in memory of its own for each buffer (so that a sink may keep it). `source` is
 * the whole blob: a file, or a stream of pieces of any size. Reads begin with one segment, so that the first byte comes
 * soon, and grow to 1 MiB. Throws `seal-broken` before any byte of the segment concerned.
 */
export async function* openBlob(
  source: BlobReader | AsyncIterable<Uint8Array>,
  expected: BlobExpectation,
  signal?: AbortSignal
): AsyncGenerator<Buffer, void, undefined> {
  // A stream of node:stream has a `read` too, of another kind.
  const pieces = Symbol.asyncIterator in source ? source : readAhead(source, expected);
  const header = Buffer.alloc(headerSize);
  let headerLength = 0;
  let opener: BlobOpener | undefined;
  try {
    for await (let piece of pieces) {
      signal?.throwIfAborted();
      if (!opener) {
        const part = piece.subarray(0, headerSize - headerLength);
        header.set(part, headerLength);
        headerLength += part.length;
        if (headerLength < headerSize) continue;
        opener = createBlobOpener(header, expected);
        piece = piece.subarray(part.length);
      }
      const plain = Buffer.allocUnsafeSlow(opener.openedSize(piece.length));
      opener.update(piece, plain);
      if (plain.length > 0) yield plain;
    }
    if (!opener) throw new LetterlockError('seal-broken', 'too short');
    const last = Buffer.allocUnsafeSlow(expected.segmentSize);
    const length = opener.final(last);
    if (length > 0) yield last.subarray(0, length);
  } finally {
    opener?.wipe();
  }
}

/** Reads whole segments into two buffers in turn, the next read under way while the piece before it is used. */
async function* readAhead(
  source: BlobReader,
  { size, segmentSize }: BlobExpectation
): AsyncGenerator<Uint8Array, void, undefined> {
  const blobSize = blobSizeOf(size, segmentSize);
  const sealedSegment = segmentSize + tagSize;
  const most = Math.ceil(MiB / segmentSize) * sealedSegment;
  // One byte more than there should be is asked for, so that an extended file is noticed.
  const room = Math.min(headerSize + most, blobSize) + 1;
  const buffers = [Buffer.allocUnsafeSlow(room), Buffer.allocUnsafeSlow(room)] as const;

  const readAt = async (position: number, wanted: number, buffer: Buffer): Promise<Buffer> => {
    const length = position + wanted >= blobSize ? blobSize - position + 1 : wanted;
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await source.read(buffer, filled, length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  };

  let wanted = sealedSegment;
  let position = 0;
  let turn = 0;
  let next = readAt(0, headerSize + wanted, buffers[0]);
  try {
    while (position < blobSize) {
      const piece = await next;
      position += piece.length;
      if (piece.length === 0) return;
      wanted = Math.min(wanted * 2, most);
      turn = 1 - turn;
      if (position < blobSize) next = readAt(position, wanted, turn === 0 ? buffers[0] : buffers[1]);
      yield piece;
    }
  } finally {
    await next.catch(() => {}); // nobody may close the file under a read
  }
}
