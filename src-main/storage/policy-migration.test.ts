import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, SqliteDialect, sql } from 'kysely';
import { expect, test } from 'vitest';
import { tablesOf } from './coordinator-store.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';
import { openSqlite } from './sqlite.ts';

test('what was set before there were versions is the first one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-storage-'));
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: openSqlite(join(folder, 'a.db')) }) });
  try {
    await migrate(db, { now: 1, upTo: 8 });
    // As the oldest version wrote it.
    const policy = JSON.stringify({ replicas: 3, holdHours: 8, deliveryGrade: 'plain-allowed' });
    await sql`insert into organization (one, id, name, site, coordinator, policy, directory_version, created)
      values (1, 'o', 'Old', 'main', 'c', ${policy}, 7, 5)`.execute(db);
    await migrate(db, { now: 2 });
    expect(await tablesOf(db).policies.newest()).toEqual({
      ...{ version: 1, created: 5, author: 'coordinator', reason: '', rules: [] },
      settings: {
        ...{ replicas: 3, holdHours: 8, deliveryGrade: 'plain-allowed' },
        ...{ jobNames: 'shown', sharedPrinters: false, badges: 'off', custody: 'standard', offlineHours: 0, quorum: 1 },
        cloudNodes: 'deny'
      }
    });
  } finally {
    await db.destroy();
    await rm(folder, { recursive: true });
  }
});
