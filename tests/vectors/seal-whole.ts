import type { BlobSealer } from '../../src-main/sealing/blob.ts';
import { headerSize } from '../../src-main/sealing/blob-header.ts';
import { type BlobExpectation, createBlobOpener } from '../../src-main/sealing/blob-opener.ts';

/** Feeds `bytes` in pieces of `piece` bytes. */
export function* pieces(bytes: Uint8Array, piece: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}

/** The whole blob of a document given in pieces: for small documents in tests. */
export function sealWhole(sealer: BlobSealer, document: Uint8Array, piece = document.length || 1): Buffer {
  const parts: Uint8Array[] = [sealer.header];
  for (const plain of pieces(document, piece)) {
    const out = Buffer.alloc(sealer.sealedBound(plain.length));
    parts.push(out.subarray(0, sealer.update(plain, out)));
  }
  const out = Buffer.alloc(sealer.sealedBound(0));
  parts.push(out.subarray(0, sealer.final(out)));
  return Buffer.concat(parts);
}

/** What an opener gives out of a blob fed in pieces, and the error that stopped it. */
export function openWhole(
  blob: Uint8Array,
  expected: BlobExpectation,
  piece = blob.length || 1
): { released: Buffer; error: unknown } {
  const parts: Uint8Array[] = [];
  try {
    const opener = createBlobOpener(blob.subarray(0, headerSize), expected);
    for (const cipher of pieces(blob.subarray(headerSize), piece)) {
      const out = Buffer.alloc(opener.openedSize(cipher.length));
      opener.update(cipher, out);
      parts.push(out);
    }
    const last = Buffer.alloc(expected.segmentSize);
    parts.push(last.subarray(0, opener.final(last)));
    return { released: Buffer.concat(parts), error: undefined };
  } catch (error) {
    return { released: Buffer.concat(parts), error };
  }
}
