import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, SqliteDialect, sql } from 'kysely';
import { expect, test } from 'vitest';
import { tablesOf } from './coordinator-store.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';
import { openSqlite } from './sqlite.ts';

test('all that was there before there were sites is of the organization’s first one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-storage-'));
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: openSqlite(join(folder, 'a.db')) }) });
  try {
    await migrate(db, { now: 1, upTo: 15 });
    await sql`insert into organization (one, id, name, site, coordinator, policy, directory_version, created)
      values (1, 'o', 'Old', 'headquarters', 'c', '{}', 7, 5)`.execute(db);
    await sql`insert into device (id, name, roles, status, signing, sealing, certificate_expires, created)
      values ('d', 'n', '[]', 'approved', 's', 'x', 1, 1)`.execute(db);
    await sql`insert into printer (id, name, location, uri, status, grade)
      values ('p', 'n', '', 'u', 'approved', 'ipps-required')`.execute(db);
    await sql`insert into token (id, secret_hash, roles, uses, max_uses, expires, revoked)
      values ('t', 'h', '[]', 0, 1, 1, 0)`.execute(db);
    await sql`insert into release_key (epoch, public_key, created) values (1, 'k', 1)`.execute(db);
    await sql`insert into offline_key (epoch, public_key, created) values (1, 'k', 1)`.execute(db);
    await migrate(db, { now: 2 });

    const { sites, devices, printers, tokens, releaseKeys, offlineKeys } = tablesOf(db);
    expect(await sites.list()).toEqual([{ id: 'headquarters', name: 'Main site', created: 5 }]);
    for (const table of [devices, printers, tokens, releaseKeys, offlineKeys])
      expect(await table.list()).toMatchObject([{ site: 'headquarters' }]);
    expect(await devices.list()).toMatchObject([{ movedFrom: null, moved: null }]);
  } finally {
    await db.destroy();
    await rm(folder, { recursive: true });
  }
});
