import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeviceId, JobId, UserId } from '../../src-preload/contract/index.ts';
import type { CoordinatorStore, JobRecord } from '../coordinator/store.ts';
import { openCoordinatorStore } from './coordinator-store.ts';
import { openSqlite } from './sqlite.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterlock-storage-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('sqlite', () => {
  test('refuses what would end the process, before libsql sees it', () => {
    const sqlite = openSqlite(join(folder, 'a.db'));
    const statement = sqlite.prepare('select ? as value');
    for (const value of [true, new Date(), {}, [], undefined, Number.NaN, 1n, () => 1])
      expect(() => statement.all([value]), typeof value).toThrow(TypeError);
    expect(statement.all([new Uint8Array([1, 2])])).toMatchObject([{ value: new Uint8Array([1, 2]) }]);
    sqlite.close();
  });

  test('a full disk and a damaged file have their codes', async () => {
    const sqlite = openSqlite(join(folder, 'a.db'));
    sqlite.prepare('create table t (b blob)').run([]);
    sqlite.prepare('pragma max_page_count = 16').all([]);
    const insert = sqlite.prepare('insert into t values (?)');
    expect(() => insert.run([new Uint8Array(1 << 20)])).toThrow(expect.objectContaining({ code: 'storage-full' }));
    expect(sqlite.prepare('select count(*) as n from t').all([])).toMatchObject([{ n: 0 }]);
    sqlite.close();

    await writeFile(join(folder, 'b.db'), 'not a database'.repeat(1000));
    expect(() => openSqlite(join(folder, 'b.db'))).toThrow(expect.objectContaining({ code: 'storage-damaged' }));
  });

  test('a database of a newer program is left alone', async () => {
    const file = join(folder, 'a.db');
    await (await openCoordinatorStore(file)).close();
    const sqlite = openSqlite(file);
    sqlite.prepare('insert into schema_version values (99, 0)').run([]);
    sqlite.close();
    await expect(openCoordinatorStore(file)).rejects.toMatchObject({ code: 'storage-damaged' });
  });
});

describe('the coordinator’s store', () => {
  let store: CoordinatorStore;
  const owner = randomUUID() as UserId;
  const device = randomUUID() as DeviceId;
  beforeEach(async () => {
    store = await openCoordinatorStore(join(folder, 'coordinator.db'));
    await store.transaction(async ({ users, devices }) => {
      await users.insert({ id: owner, name: 'Ada', nameKey: 'ada', status: 'active', pinHash: null, created: 1 });
      await devices.insert({
        id: device,
        name: 'laptop',
        roles: ['client', 'node'],
        status: 'approved',
        signing: 's',
        sealing: 'x',
        url: null,
        owner,
        certificateExpires: 2,
        created: 1
      });
    });
  });
  afterEach(() => store.close());

  const newJob = (): JobRecord => ({
    id: randomUUID() as JobId,
    owner,
    device,
    size: 5_000_000_000,
    created: 1,
    expires: 1000,
    deliveryGrade: 'ipps-required',
    manifest: 'm',
    closed: null,
    state: 'held',
    fence: 0,
    printer: null,
    code: null,
    updated: 1
  });

  test('gives back what it was given, and changes a job only from the state that was seen', async () => {
    const job = newJob();
    await store.tables.jobs.insert(job);
    expect(await store.tables.jobs.get(job.id)).toEqual(job);
    expect(await store.tables.devices.get(device)).toMatchObject({ roles: ['client', 'node'], owner });

    const change = { closed: null, state: 'released', fence: 1, printer: null, code: null, updated: 2 } as const;
    expect(await store.tables.jobs.change(job, change)).toBe(true);
    expect(await store.tables.jobs.change(job, change)).toBe(false);
  });

  test('a failed transaction leaves nothing', async () => {
    const job = newJob();
    const failing = store.transaction(async ({ jobs }) => {
      await jobs.insert(job);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await store.tables.jobs.get(job.id)).toBeUndefined();
  });

  test('a destroyed job part and a destroyed release key are in no file any more', async () => {
    const job = newJob();
    const secrets = [randomBytes(48), randomBytes(64)] as const;
    await store.tables.jobs.insert(job);
    await store.tables.jobParts.insert(job.id, secrets[0]);
    await store.tables.releaseKeys.insert({ epoch: 1, publicKey: 'p', created: 1, destroyed: null }, secrets[1]);
    const found = async () => {
      const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
      return secrets.map((secret) => files.some((file) => file.includes(secret)));
    };
    expect(await found()).toEqual([true, true]);

    await store.tables.jobParts.delete(job.id);
    await store.tables.releaseKeys.destroy(1, 2);
    await store.scrub();
    expect(await found()).toEqual([false, false]);
    expect(await store.tables.releaseKeys.list()).toMatchObject([{ epoch: 1, destroyed: 2 }]);
  });

  test('erase orders stay until each holder has confirmed', async () => {
    const job = newJob();
    await store.tables.jobs.insert(job);
    expect(await store.tables.holders.insert(job.id, device, 'receipt')).toBe(true);
    expect(await store.tables.holders.insert(job.id, device, 'receipt')).toBe(false);
    expect(await store.tables.holders.outstanding(device)).toEqual([]);
    await store.tables.holders.order(job.id, 'order');
    expect(await store.tables.holders.outstanding(device, job.id)).toEqual(['order']);
    expect(await store.tables.holders.erased(job.id, device, 3)).toBe(true);
    expect(await store.tables.holders.erased(job.id, device, 3)).toBe(false);
    expect(await store.tables.holders.outstanding(device)).toEqual([]);
    expect(await store.tables.holders.of(job.id)).toEqual([]);
  });
});
