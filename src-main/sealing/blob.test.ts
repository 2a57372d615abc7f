import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openWhole, pieces, sealWhole } from '../../tests/vectors/seal-whole.ts';
import { seededDocument, seededIds, seededRandom } from '../../tests/vectors/seeded.ts';
import { KiB, MiB } from '../base/limits.ts';
import { createBlobSealer } from './blob.ts';
import { blobSizeOf, headerSize, segmentsOf } from './blob-header.ts';
import { openBlob } from './open-blob.ts';

const { job, otherJob } = seededIds;
const contentKey = seededRandom('content key')(32);
const segmentSize = KiB;

const sealer = (size = segmentSize) =>
  createBlobSealer({ job, contentKey, salt: seededRandom('salt')(32), segmentSize: size });
const expectation = (size: number) => ({ job, size, segmentSize, contentKey });
const collect = async (stream: AsyncIterable<Uint8Array>) => {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
};

describe('a blob', () => {
  const sizes = [0, 1, 1023, 1024, 1025, 2048, 3000, 5 * 1024 + 7];

  it.each(sizes)('of %i bytes comes back, whichever pieces it was sealed and opened in', (size) => {
    const document = seededDocument(size);
    const blob = sealWhole(sealer(), document);
    expect(blob.length).toBe(blobSizeOf(size, segmentSize));
    for (const piece of [1, 7, 1023, 1024, 1025, 1040, 4096]) {
      expect(sealWhole(sealer(), document, piece).equals(blob)).toBe(true);
      const { released, error } = openWhole(blob, expectation(size), piece);
      expect(error).toBeUndefined();
      expect(released.equals(document)).toBe(true);
    }
  });

  it('tells size, segments and digest as the manifest will', () => {
    const one = sealer();
    const blob = sealWhole(one, seededDocument(2049));
    expect([one.size, one.segments, one.blobSize]).toEqual([2049, 3, blob.length]);
    expect(Buffer.from(one.sha256()).equals(createHash('sha256').update(blob).digest())).toBe(true);
    expect(() => one.update(new Uint8Array(1), Buffer.alloc(0))).toThrow(TypeError);
  });

  it('is refused for another job, another key, another segment size or another size', () => {
    const blob = sealWhole(sealer(), seededDocument(3000));
    const otherKey = seededRandom('other')(32);
    for (const wrong of [
      { job: otherJob },
      { contentKey: otherKey },
      { segmentSize: 2048 },
      { size: 0 },
      { size: 1976 }
    ]) {
      const { released, error } = openWhole(blob, { ...expectation(3000), ...wrong });
      expect(error).toMatchObject({ code: 'seal-broken' });
      expect(released.length).toBe(0);
    }
  });
});

describe('a changed blob', () => {
  const size = 4 * segmentSize + 100;
  const document = seededDocument(size);
  const blob = sealWhole(sealer(), document);
  const sealedSegment = segmentSize + 16;
  const segmentAt = (offset: number) => Math.floor((offset - headerSize) / sealedSegment);
  const segment = (index: number) => blob.subarray(headerSize + index * sealedSegment).subarray(0, sealedSegment);

  /** Refused, and nothing but whole segments before the changed one came out. */
  const expectRefused = (changed: Uint8Array, firstChanged: number, piece: number) => {
    const { released, error } = openWhole(changed, expectation(size), piece);
    expect(error).toMatchObject({ code: 'seal-broken' });
    expect(released.length).toBeLessThanOrEqual(Math.max(0, firstChanged) * segmentSize);
    expect(released.equals(document.subarray(0, released.length))).toBe(true);
  };
  const piece = fc.constantFrom(1, 999, sealedSegment, 10_000);

  it('is refused for any flipped bit', () => {
    fc.assert(
      fc.property(fc.nat(blob.length - 1), fc.nat(7), piece, (offset, bit, size) => {
        const changed = Buffer.from(blob);
        changed.writeUInt8(changed.readUInt8(offset) ^ (1 << bit), offset);
        expectRefused(changed, segmentAt(offset), size);
      }),
      { numRuns: 300 }
    );
  });

  it('is refused at any truncation', () => {
    fc.assert(
      fc.property(fc.nat(blob.length - 1), piece, (length, size) => {
        expectRefused(blob.subarray(0, length), segmentAt(length), size);
      })
    );
  });

  it('is refused with anything after its end, before its last segment comes out', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 3000 }), piece, (more, size) => {
        expectRefused(Buffer.concat([blob, more]), 4, size);
      })
    );
  });

  it('is refused with segments reordered, repeated or left out', () => {
    const order = fc.array(fc.nat(4), { maxLength: 7 }).filter((o) => o.join() !== '0,1,2,3,4');
    fc.assert(
      fc.property(order, piece, (order, size) => {
        const firstChanged = [0, 1, 2, 3, 4].findIndex((index) => order[index] !== index);
        const changed = Buffer.concat([blob.subarray(0, headerSize), ...order.map(segment)]);
        expectRefused(changed, firstChanged < 0 ? 4 : firstChanged, size);
      })
    );
  });

  it('is refused with a piece of another blob spliced in, even under the same content key', () => {
    const other = sealWhole(
      createBlobSealer({ job, contentKey, salt: seededRandom('other salt')(32), segmentSize }),
      document
    );
    fc.assert(
      fc.property(fc.integer({ min: headerSize, max: blob.length - 1 }), fc.nat(3000), piece, (from, length, size) => {
        const changed = Buffer.from(blob);
        other.copy(changed, from, from, from + length);
        fc.pre(!changed.equals(blob));
        expectRefused(changed, segmentAt(from), size);
      })
    );
  });

  it('stays refused: no later piece brings anything out', async () => {
    const changed = Buffer.from(blob);
    changed.writeUInt8(changed.readUInt8(headerSize) ^ 1, headerSize);
    const stream = openBlob(Readable.from(pieces(changed, 5000)), expectation(size));
    await expect(collect(stream)).rejects.toMatchObject({ code: 'seal-broken' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });
});

describe('openBlob', () => {
  const size = 5 * MiB + 123;
  const big = { job, size, segmentSize: 64 * KiB, contentKey };

  it('reads a file from small to large and gives memory of its own', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'letterlock-blob-'));
    try {
      const document = seededDocument(size);
      const path = join(folder, 'blob');
      await writeFile(path, sealWhole(sealer(64 * KiB), document));
      const file = await open(path);
      try {
        const parts: Buffer[] = [];
        for await (const part of openBlob(file, big)) parts.push(part);
        expect(parts.slice(0, 5).map((part) => part.length / KiB)).toEqual([64, 128, 256, 512, 1024]);
        expect(Math.max(...parts.map((part) => part.length))).toBe(MiB);
        expect(Buffer.concat(parts).equals(document)).toBe(true);
      } finally {
        await file.close();
      }
      for (const change of [-1, 1]) {
        const file = await open(path, 'r+');
        try {
          await file.truncate(blobSizeOf(size, 64 * KiB) + change);
          await expect(collect(openBlob(file, big))).rejects.toMatchObject({ code: 'seal-broken' });
        } finally {
          await file.close();
        }
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('stops when asked to, and leaves no read under way', async () => {
    const blob = sealWhole(sealer(64 * KiB), seededDocument(size));
    const stop = new AbortController();
    let reading = 0;
    const reader = {
      async read(buffer: Uint8Array, offset: number, length: number, position: number) {
        reading++;
        await new Promise(setImmediate);
        reading--;
        return { bytesRead: blob.copy(buffer, offset, position, position + length) };
      }
    };
    const stream = openBlob(reader, big, stop.signal);
    await stream.next();
    stop.abort();
    await expect(stream.next()).rejects.toThrow(/abort/i);
    expect(reading).toBe(0);
  });

  it('counts an empty document as one empty segment', () => {
    expect([segmentsOf(0, 1024), segmentsOf(1, 1024), segmentsOf(1024, 1024), segmentsOf(1025, 1024)]).toEqual([
      1, 1, 1, 2
    ]);
  });
});
