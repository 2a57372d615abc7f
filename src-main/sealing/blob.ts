import { createHash } from 'node:crypto';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { sealSegment } from './aead.ts';
import { defaultSegmentSize, encodeHeader, headerHash, tagSize } from './blob-header.ts';
import { payloadKeys } from './key-schedule.ts';

/**
 * A sealed document: header ‖ segments. This is the hot path of a submit: the caller brings the output buffer, whole segments
 * go straight from its input, and what is kept between calls is one segment, however large the document.
 */
export interface BlobSealer {
  /** 92 bytes that go out first; `blobSize` and the digest cover them from the start. */
  readonly header: Uint8Array;
  /** The room that `update` with `n` bytes, or `final` with 0, may need in `out`, at any time. */
  sealedBound(n: number): number;
  /** Seals every segment that is now known not to be the last; returns the bytes written to `out`. Throws `too-large`. */
  update(plain: Uint8Array, out: Uint8Array): number;
  /** Seals the last segment; returns the bytes written to `out`. */
  final(out: Uint8Array): number;
  /** Bytes of the document so far. */
  readonly size: number;
  readonly segmentSize: number;
  /** Segments sealed so far. */
  readonly segments: number;
  /** Bytes given out so far, the header's included. */
  readonly blobSize: number;
  /** SHA-256 of the whole blob, after `final`. */
  sha256(): Uint8Array;
  /** Forgets the key and the plaintext it holds back. `final` has done it already. */
  wipe(): void;
}

export interface BlobSealerOptions {
  readonly job: JobId;
  /** K, 32 bytes; not kept. */
  readonly contentKey: Uint8Array;
  /** 32 random bytes. */
  readonly salt: Uint8Array;
  readonly segmentSize?: number;
}

export function createBlobSealer(options: BlobSealerOptions): BlobSealer {
  const { job, contentKey, salt, segmentSize = defaultSegmentSize } = options;
  const { payloadKey, commitment } = payloadKeys(contentKey, salt, job);
  const header = encodeHeader({ job, segmentSize, salt, commitment });
  const key = { key: payloadKey, associated: headerHash(header) };
  const hash = createHash('sha256').update(header);
  const held = Buffer.alloc(segmentSize);
  let heldLength = 0;
  let size = 0;
  let segments = 0;
  let blobSize = header.length;
  let open = true;
  let digest: Uint8Array | undefined;

  const expectOpen = () => {
    if (!open) throw new TypeError('the blob is finished');
  };
  const given = (out: Uint8Array, end: number): number => {
    hash.update(out.subarray(0, end));
    blobSize += end;
    return end;
  };
  const close = () => {
    open = false;
    wipe(payloadKey, held);
  };

  return {
    header,
    segmentSize,
    sealedBound: (n) => (Math.floor(n / segmentSize) + 1) * (segmentSize + tagSize),
    update(plain, out) {
      expectOpen();
      if (size + plain.length > limits.document) throw new LetterlockError('too-large', 'document');
      let from = 0;
      let end = 0;
      // A full segment waits until more follows: only then is it known not to be the last one.
      while (heldLength + plain.length - from > segmentSize) {
        if (heldLength === 0) {
          end = sealSegment(key, segments++, false, plain.subarray(from, from + segmentSize), out, end);
          from += segmentSize;
        } else {
          const missing = segmentSize - heldLength;
          held.set(plain.subarray(from, from + missing), heldLength);
          end = sealSegment(key, segments++, false, held, out, end);
          from += missing;
          heldLength = 0;
        }
      }
      held.set(plain.subarray(from), heldLength);
      heldLength += plain.length - from;
      size += plain.length;
      return given(out, end);
    },
    final(out) {
      expectOpen();
      const end = sealSegment(key, segments++, true, held.subarray(0, heldLength), out, 0);
      close();
      given(out, end);
      digest = hash.digest();
      return end;
    },
    get size() {
      return size;
    },
    get segments() {
      return segments;
    },
    get blobSize() {
      return blobSize;
    },
    sha256() {
      if (!digest) throw new TypeError('the blob is not finished');
      return digest;
    },
    wipe: close
  };
}
