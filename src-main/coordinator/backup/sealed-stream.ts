import { hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Algorithm, hashRaw } from '@node-rs/argon2';
import { utf8, wipe } from '../../base/bytes.ts';
import { LetterlockError } from '../../base/errors.ts';
import { KiB } from '../../base/limits.ts';
import { openSegment, type SegmentKey, sealSegment } from '../../sealing/aead.ts';

/**
 * A stream sealed to a passphrase, version 1:
 *
 *   0  8  "LTRLBKP" 1     24 32  commitment to the key     56 …  segments of 64 KiB, the last one shorter
 *   8 16  salt
 *
 * argon2id makes a key of passphrase and salt, HKDF-SHA-256 of that the segments' key and the commitment. A segment is
 * AES-256-GCM ‖ tag (16) with its number and whether it is the last in the nonce (STREAM) and the 56 bytes as associated data:
 * none can be changed, moved, left out or cut off. The costs are part of the version; a reader never takes them from a file.
 */
export async function* sealStream(plain: AsyncIterable<Uint8Array>, passphrase: string): AsyncGenerator<Uint8Array> {
  const salt = new Uint8Array(randomBytes(saltSize));
  const { key, commitment } = await keysOf(passphrase, salt);
  const header = Buffer.concat([magic, salt, commitment]);
  const segmentKey: SegmentKey = { key, associated: header };
  try {
    yield header;
    let index = 0;
    for await (const { bytes, last } of inPieces(plain, segmentSize)) {
      const sealed = new Uint8Array(bytes.length + tagSize);
      sealSegment(segmentKey, index++, last, bytes, sealed, 0);
      yield sealed;
    }
  } finally {
    wipe(key);
  }
}

/** Throws `backup-unreadable`, before any byte that is not as it was sealed. */
export async function* openStream(sealed: AsyncIterable<Uint8Array>, passphrase: string): AsyncGenerator<Uint8Array> {
  const source = sealed[Symbol.asyncIterator]();
  const { header, rest } = await readHeader(source);
  const { key, commitment } = await keysOf(passphrase, header.subarray(magic.length, magic.length + saltSize));
  try {
    if (!timingSafeEqual(commitment, header.subarray(magic.length + saltSize)))
      throw new LetterlockError('backup-unreadable', 'passphrase');
    let index = 0;
    for await (const { bytes, last } of inPieces(rest, segmentSize + tagSize))
      yield open(key, header, bytes, index++, last);
  } finally {
    wipe(key);
  }
}

function open(key: Uint8Array, associated: Uint8Array, sealed: Uint8Array, index: number, last: boolean): Uint8Array {
  const plain = new Uint8Array(Math.max(0, sealed.length - tagSize));
  try {
    openSegment({ key, associated }, index, last, sealed, plain, 0);
  } catch (cause) {
    throw new LetterlockError('backup-unreadable', 'damaged or cut off', { cause });
  }
  return plain;
}

async function readHeader(source: AsyncIterator<Uint8Array>) {
  let read = Buffer.alloc(0);
  while (read.length < headerSize) {
    const { done, value } = await source.next();
    if (done) break;
    read = Buffer.concat([read, value]);
  }
  const header = read.subarray(0, headerSize);
  if (header.length < headerSize || !header.subarray(0, magic.length).equals(magic))
    throw new LetterlockError('backup-unreadable', 'not a backup of this version');
  async function* rest() {
    yield read.subarray(headerSize);
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  }
  return { header, rest: rest() };
}

/** Pieces of `size` bytes; one that is full is held back until it is known whether it is the last. */
async function* inPieces(source: AsyncIterable<Uint8Array>, size: number) {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    held.push(chunk);
    length += chunk.length;
    if (length <= size) continue;
    const all = Buffer.concat(held);
    let from = 0;
    for (; all.length - from > size; from += size) yield { bytes: all.subarray(from, from + size), last: false };
    held = [all.subarray(from)];
    length = all.length - from;
  }
  yield { bytes: Buffer.concat(held), last: true };
}

async function keysOf(passphrase: string, salt: Uint8Array) {
  const slow = await hashRaw(passphrase.normalize('NFC'), { ...costs, salt });
  const both = new Uint8Array(hkdfSync('sha256', slow, salt, utf8('letterlock/v1/backup'), 2 * keySize));
  wipe(slow);
  return { key: both.subarray(0, keySize), commitment: both.subarray(keySize) };
}

const magic = Buffer.from('LTRLBKP\x01', 'latin1');
const saltSize = 16;
const keySize = 32;
const tagSize = 16;
const headerSize = magic.length + saltSize + keySize;
const segmentSize = 64 * KiB;

/** RFC 9106, section 4, second recommended option; the memory is in KiB. */
const costs = {
  algorithm: 2 satisfies Algorithm.Argon2id as Algorithm,
  memoryCost: 64 * KiB,
  timeCost: 3,
  parallelism: 4,
  outputLen: keySize
};
