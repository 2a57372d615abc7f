import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toBase64url } from '../base/bytes.ts';
import { MiB } from '../base/limits.ts';
import type { BlobUpload } from './ports.ts';
import { uploadFile } from './upload-file.ts';

/** What came, copied at once: the memory of a piece is used again. */
function createSink() {
  const pieces: Buffer[] = [];
  const aborted: unknown[] = [];
  const upload: BlobUpload = {
    write: async (piece) => void pieces.push(Buffer.from(piece)),
    end: async () => ({ sha256: toBase64url(Buffer.alloc(32)), blobSize: Buffer.concat(pieces).length }),
    abort: (reason) => void aborted.push(reason)
  };
  return { upload, aborted, received: () => Buffer.concat(pieces) };
}

async function withFile<T>(bytes: Uint8Array, use: (file: Awaited<ReturnType<typeof open>>) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-upload-'));
  await writeFile(join(folder, 'blob'), bytes);
  const file = await open(join(folder, 'blob'));
  try {
    return await use(file);
  } finally {
    await file.close();
    await rm(folder, { recursive: true });
  }
}

const rest = async () => {};

test.each([1, MiB - 1, MiB, MiB + 1, 3 * MiB + 7])('a file of %i bytes arrives, from any byte on', (size) => {
  const bytes = randomBytes(size);
  return withFile(bytes, async (file) => {
    for (const first of new Set([0, 1, size - 1])) {
      const { upload, aborted, received } = createSink();
      await uploadFile(file, upload, { first, size, rest });
      expect(received().equals(bytes.subarray(first))).toBe(true);
      expect(aborted).toEqual([]);
    }
  });
});

test('a file that is shorter than it should be is damaged, and its upload is given up', () =>
  withFile(randomBytes(MiB + 5), async (file) => {
    const { upload, aborted } = createSink();
    await expect(uploadFile(file, upload, { first: 0, size: MiB + 6, rest })).rejects.toMatchObject({
      code: 'storage-damaged'
    });
    expect(aborted).toMatchObject([{ code: 'storage-damaged' }]);
  }));
