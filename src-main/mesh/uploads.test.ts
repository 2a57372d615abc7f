import { randomUUID } from 'node:crypto';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import { limits } from '../base/limits.ts';
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
  const receive = (text: string) => uploads.receive(job, device, Readable.from([Buffer.from(text)]), 0);
  return { clock, uploads, receive };
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
