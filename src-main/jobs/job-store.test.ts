import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JobId } from '../../src-preload/contract/ids.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import type { JobRecord } from './job-record.ts';
import { openJobStore } from './job-store.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-store-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

test('however changes crowd, each is on disk when it says so, and the last one stays', async () => {
  const open = () => openJobStore({ dataDir, clock: systemClock, logger: silentLogger });
  const store = await open();
  const id = JobId.parse(randomUUID());
  const record: JobRecord = {
    v: 1,
    id,
    state: 'sealing',
    owner: 'Ada',
    user: null,
    site: null,
    userName: 'ada',
    held: false,
    description: null,
    created: '2026-01-01T00:00:00.000Z',
    expires: '2026-01-02T00:00:00.000Z',
    durable: null,
    ended: null,
    size: 0,
    blob: null,
    holders: [],
    inOutbox: false,
    copies: null,
    quorum: 1,
    registration: null,
    why: [],
    custody: 'standard',
    jobPart: null,
    printer: null,
    failure: null
  };
  const saved = [store.put(record), store.change(id, { size: 1 })];
  for (let size = 2; size < 50; size += 1) {
    await setImmediate();
    saved.push(store.change(id, { size }));
    saved.at(-1)?.catch(() => {}); // looked at below
  }
  expect((await Promise.allSettled(saved)).filter(({ status }) => status === 'rejected')).toEqual([]);
  expect((await open()).get(id)).toEqual({ ...record, size: 49 });
});
