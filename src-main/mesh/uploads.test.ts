import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import { limits, MiB } from '../base/limits.ts';
import { silentLogger } from '../base/logger.ts';
import { createTestClock } from '../base/testing/clock.ts';
import { openReplicaStore } from './replica-store.ts';
import { freeSpace } from './staged-blob.ts';
import { createUploads } from './uploads.ts';

const job = JobId.parse(randomUUID());
const device = DeviceId.parse(randomUUID());
let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-uploads-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

async function createFixture() {
  const clock = createTestClock();
  const store = await openReplicaStore(dataDir, { isErased: () => false, logger: silentLogger });
  const uploads = createUploads({ store, clock, freeSpace });
  const receive = (text: string) => uploads.receive(job, device, Readable.from([Buffer.from(text)]), { expected: 0 });
  /** A PUT that brings `text` as the part from `first` on, of `size` bytes, and then breaks if that is not all. */
  const receivePart = (text: string, first: number, size: number) => {
    async function* pieces() {
      yield Buffer.from(text);
      if (first + text.length < size) throw new Error('the connection broke');
    }
    const range = { first, size };
    return uploads.receive(job, device, Readable.from(pieces()), { expected: text.length, range });
  };
  return { clock, uploads, receive, receivePart };
}

test('an upload that is being committed cannot be taken away by the device that sent it, nor by time', async () => {
  const { clock, uploads, receive } = await createFixture();
  await receive('first');
  const taken = uploads.take(job, device);
  if (!taken) throw new Error('not complete');
  expect(uploads.take(job, device)).toBeUndefined();
  await receive('second');
  await uploads.discard(job, device);
  await uploads.discardJob(job);
  clock.advance(limits.stagedSeconds * 1000 + 1);
  await uploads.close();
  expect(await readFile(join(taken.folder, 'blob'), 'utf8')).toBe('first');
});

test('one that is replaced or given up leaves nothing', async () => {
  const { uploads, receive } = await createFixture();
  await receive('first');
  await receive('second');
  const taken = uploads.take(job, device);
  expect(await readFile(join(taken?.folder ?? '', 'blob'), 'utf8')).toBe('second');
  await receive('third');
  await uploads.discard(job, device);
  expect(uploads.take(job, device)).toBeUndefined();
  await expect(access(taken?.folder ?? '')).resolves.toBeUndefined();
});

test('one with a range goes on at the byte where it broke, and its digest is that of the whole', async () => {
  const { uploads, receivePart } = await createFixture();
  await expect(receivePart('first ', 0, 12)).rejects.toMatchObject({ code: 'upload-truncated' });
  expect(uploads.take(job, device)).toBeUndefined();
  expect(await uploads.offset(job, device)).toBe(6);
  expect(await uploads.offset(job, DeviceId.parse(randomUUID()))).toBe(0);
  await expect(receivePart('cond', 8, 12)).rejects.toMatchObject({ code: 'conflict' });
  const stored = await receivePart('second', 6, 12);
  expect(stored).toEqual({ blobSize: 12, sha256: createHash('sha256').update('first second').digest('base64url') });
  expect(await uploads.offset(job, device)).toBe(12);
  expect(await readFile(join(uploads.take(job, device)?.folder ?? '', 'blob'), 'utf8')).toBe('first second');
});

test('one that broke off waits only so long, and begins anew with its first byte', async () => {
  const { clock, uploads, receivePart } = await createFixture();
  await expect(receivePart('first ', 0, 12)).rejects.toMatchObject({ code: 'upload-truncated' });
  await receivePart('other', 0, 5);
  expect(await readFile(join(uploads.take(job, device)?.folder ?? '', 'blob'), 'utf8')).toBe('other');
  await expect(receivePart('third ', 0, 12)).rejects.toMatchObject({ code: 'upload-truncated' });
  clock.advance(limits.stagedSeconds * 1000 + 1);
  expect(await uploads.offset(job, device)).toBe(0);
});

test('one that ends without the bytes that its range names is none', async () => {
  const { uploads } = await createFixture();
  const body = Readable.from([Buffer.from('short')]);
  const range = { first: 0, size: 9 };
  await expect(uploads.receive(job, device, body, { expected: 9, range })).rejects.toMatchObject({
    code: 'input-invalid'
  });
  expect(await readdir(join(dataDir, 'staging'))).toEqual([]);
});

test.each([0, MiB - 1, MiB, MiB + 3, 3 * MiB + 5])(
  'what is said beforehand of its length, %i bytes, changes nothing',
  async (expected) => {
    const { uploads } = await createFixture();
    const bytes = randomBytes(expected || 2 * MiB + 1);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 60_000) }, (_, at) =>
      bytes.subarray(at * 60_000, (at + 1) * 60_000)
    );
    const stored = await uploads.receive(job, device, Readable.from(chunks), { expected });
    expect(stored).toEqual({ blobSize: bytes.length, sha256: createHash('sha256').update(bytes).digest('base64url') });
    expect(bytes.equals(await readFile(join(uploads.take(job, device)?.folder ?? '', 'blob')))).toBe(true);
  }
);
