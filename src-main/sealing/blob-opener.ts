import { timingSafeEqual } from 'node:crypto';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { openSegment } from './aead.ts';
import { blobSizeOf, decodeHeader, headerHash, headerSize, segmentsOf, tagSize } from './blob-header.ts';
import { payloadKeys } from './key-schedule.ts';

/**
 * Opens a blob piece by piece. Size and segment count come from the signed manifest, so the place of every segment is known
 * beforehand; no byte of one leaves before its tag has verified, and the last one waits until nothing follows it.
 */
export interface BlobOpener {
  /** The bytes that `update` with `n` bytes will write now. */
  openedSize(n: number): number;
  /** Takes the next ciphertext after the header, in pieces of any size; returns the bytes written to `out`. */
  update(cipher: Uint8Array, out: Uint8Array): number;
  /** To be called when the blob has ended: writes the last segment (at most a segment's size). */
  final(out: Uint8Array): number;
  /** Forgets the key and what it holds back. `final` has done it already. */
  wipe(): void;
}

export interface BlobExpectation {
  readonly job: JobId;
  /** Of the document and of a segment, from the manifest. */
  readonly size: number;
  readonly segmentSize: number;
  /** K, 32 bytes; not kept. */
  readonly contentKey: Uint8Array;
}

/** `header` is the blob's first 92 bytes. Throws `seal-broken`, as do its methods. */
export function createBlobOpener(
  header: Uint8Array,
  { job, size, segmentSize, contentKey }: BlobExpectation
): BlobOpener {
  const { salt, commitment } = decodeHeader(header, { job, segmentSize });
  const keys = payloadKeys(contentKey, salt, job);
  if (!timingSafeEqual(keys.commitment, commitment)) throw new LetterlockError('seal-broken', 'content key');

  const key = { key: keys.payloadKey, associated: headerHash(header) };
  const sealedSegment = segmentSize + tagSize;
  const lastIndex = segmentsOf(size, segmentSize) - 1;
  const lastSize = blobSizeOf(size, segmentSize) - headerSize - lastIndex * sealedSegment;
  const held = Buffer.alloc(Math.min(sealedSegment, blobSizeOf(size, segmentSize)));
  let heldLength = 0;
  let index = 0;
  let broken = false;

  /** Whatever is refused once stays refused. */
  const refusing = (work: () => number): number => {
    if (broken) throw new LetterlockError('seal-broken', 'refused before');
    broken = true;
    const end = work();
    broken = false;
    return end;
  };
  const close = () => {
    broken = true;
    wipe(keys.payloadKey, held);
  };

  return {
    openedSize: (n) => Math.min(Math.floor((heldLength + n) / sealedSegment), lastIndex - index) * segmentSize,
    update: (cipher, out) =>
      refusing(() => {
        let from = 0;
        let end = 0;
        while (index < lastIndex && heldLength + cipher.length - from >= sealedSegment) {
          const missing = sealedSegment - heldLength;
          const piece = cipher.subarray(from, from + missing);
          let sealed = piece;
          if (heldLength > 0) {
            held.set(piece, heldLength);
            sealed = held;
          }
          end = openSegment(key, index++, false, sealed, out, end);
          from += missing;
          heldLength = 0;
        }
        const rest = cipher.length - from;
        if (index === lastIndex && heldLength + rest > lastSize) throw new LetterlockError('seal-broken', 'too long');
        held.set(cipher.subarray(from), heldLength);
        heldLength += rest;
        return end;
      }),
    final(out) {
      const written = refusing(() => {
        if (index !== lastIndex || heldLength !== lastSize) throw new LetterlockError('seal-broken', 'too short');
        return openSegment(key, lastIndex, true, held.subarray(0, lastSize), out, 0);
      });
      close();
      return written;
    },
    wipe: close
  };
}
