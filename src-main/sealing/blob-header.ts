import { createHash, timingSafeEqual } from 'node:crypto';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { KiB, MiB } from '../base/limits.ts';
import { idBytes } from './key-schedule.ts';

/**
 * The first 92 bytes of a blob and the arithmetic of its segments. No secrets here.
 *
 *   0  7  "LTRLOCK"   8  4  segment size, big-endian   28 32  salt of the payload key
 *   7  1  version 1  12 16  job id                     60 32  commitment to the content key
 */
export const headerSize = 92;
export const tagSize = 16;
export const saltSize = 32;

/** Chosen by measurement (docs/spec/sealing.md); a reader accepts every power of two from 1 KiB to 1 MiB. */
export const defaultSegmentSize = 64 * KiB;
export const isSegmentSize = (n: number): boolean => n >= KiB && n <= MiB && Number.isInteger(Math.log2(n));

/** An empty document has one empty segment; otherwise no segment is empty. */
export const segmentsOf = (size: number, segmentSize: number): number => Math.max(1, Math.ceil(size / segmentSize));
export const blobSizeOf = (size: number, segmentSize: number): number =>
  headerSize + size + segmentsOf(size, segmentSize) * tagSize;

export interface BlobHeader {
  readonly job: JobId;
  readonly segmentSize: number;
  /** 32 bytes. */
  readonly salt: Uint8Array;
  /** 32 bytes. */
  readonly commitment: Uint8Array;
}

const magic = Buffer.from('LTRLOCK\x01', 'latin1');

export function encodeHeader({ job, segmentSize, salt, commitment }: BlobHeader): Uint8Array {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(segmentSize);
  return Buffer.concat([magic, size, idBytes(job), salt, commitment], headerSize);
}

/** The salt and commitment of a header that is otherwise exactly the expected one. Throws `seal-broken`. */
export function decodeHeader(header: Uint8Array, expected: { job: JobId; segmentSize: number }) {
  const salt = header.slice(28, 60);
  const commitment = header.slice(60, headerSize);
  if (header.length !== headerSize || !timingSafeEqual(encodeHeader({ ...expected, salt, commitment }), header))
    throw new LetterlockError('seal-broken', 'blob header');
  return { salt, commitment };
}

/** Associated data of every segment. */
export const headerHash = (header: Uint8Array): Uint8Array => createHash('sha256').update(header).digest();
