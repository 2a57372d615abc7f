import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, type LogEvent, SqliteDialect } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeviceId } from '../../src-preload/contract/index.ts';
import { fillCoordinatorStore, openCoordinatorStore, tablesOf } from './coordinator-store.ts';
import { copiedTables } from './copy.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';
import { openSqlite } from './sqlite.ts';
import { owned } from './testing/store-records.ts';
import { describeStore } from './testing/store-suite.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterlock-storage-'));
});
afterEach(() => rm(folder, { recursive: true }));

describeStore('embedded', async () => {
  const own = await mkdtemp(join(tmpdir(), 'letterlock-storage-'));
  const file = join(own, 'coordinator.db');
  return {
    open: () => openCoordinatorStore(file),
    fill: (copy) => fillCoordinatorStore(file, copy),
    remove: () => rm(own, { recursive: true })
  };
});

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

  test('a backup decides about every table, and no row comes before one that it refers to', async () => {
    const file = join(folder, 'a.db');
    await (await openCoordinatorStore(file)).close();
    const sqlite = openSqlite(file);
    const all = sqlite.prepare("select name from sqlite_schema where type = 'table'").all([]) as { name: string }[];
    const shared = ['station_session', 'coordinator', 'signed_directory', 'wrong_try', 'key_copy'];
    const left = ['schema_version', 'web_session', 'api_token', 'token', 'sign_in_link', 'invitation', ...shared];
    expect([...copiedTables, ...left].sort()).toEqual(all.map(({ name }) => name).sort());
    for (const [i, name] of copiedTables.entries()) {
      const references = sqlite.prepare(`pragma foreign_key_list("${name}")`).all([]) as { table: string }[];
      const before = copiedTables.slice(0, i);
      expect(before, name).toEqual(expect.arrayContaining(references.map(({ table }) => table)));
    }
    sqlite.close();
  });

  test('what is asked at every step of a job is read from an index that holds open jobs only', async () => {
    const sqlite = openSqlite(join(folder, 'a.db'));
    const plans: string[] = [];
    const log = ({ level, query }: LogEvent) => {
      const plan = () =>
        sqlite.prepare(`explain query plan ${query.sql}`).all([...query.parameters]) as { detail: string }[];
      if (level === 'query' && /^select .*(job|release_grant)"/.test(query.sql))
        plans.push(
          plan()
            .map(({ detail }) => detail)
            .join('; ')
        );
    };
    const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: sqlite }), log });
    await migrate(db, { now: 1 });
    const { jobs, grants } = tablesOf(db);
    await jobs.nextExpiry();
    await jobs.overdue(1);
    await jobs.countOpenOfDevice(randomUUID() as DeviceId);
    await grants.nextExpiry();
    await grants.overdue(1);
    await grants.started();
    await grants.started(randomUUID() as DeviceId);
    const partial = /USING (COVERING )?INDEX (job_by_expiry|job_open_by_device|grant_by_expiry|grant_started)/;
    expect(plans).toEqual(plans.map(() => expect.stringMatching(partial)));
    expect(plans).toHaveLength(7);
    await db.destroy();
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

test('a destroyed job part and a destroyed release key are in no file any more', async () => {
  const store = await openCoordinatorStore(join(folder, 'coordinator.db'));
  const job = await owned(store);
  const secrets = [randomBytes(48), randomBytes(64)] as const;
  await store.tables.jobParts.insert(job.id, secrets[0]);
  const key = { epoch: 1, publicKey: 'p', created: 1, destroyed: null, site: 'main' };
  await store.tables.releaseKeys.insert(key, secrets[1]);
  const found = async () => {
    const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
    return secrets.map((secret) => files.some((file) => file.includes(secret)));
  };
  expect(await found()).toEqual([true, true]);

  await store.tables.jobParts.delete(job.id);
  await store.tables.releaseKeys.destroy(1, 2);
  await store.scrub();
  expect(await found()).toEqual([false, false]);
  await store.close();
});
