import { Kysely, SqliteDialect } from 'kysely';
import type { CoordinatorStore, Tables } from '../coordinator/store.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';
import { openSqlite } from './sqlite.ts';
import { auditTable } from './tables/audit.ts';
import { deviceTable } from './tables/devices.ts';
import { grantTable } from './tables/grants.ts';
import { holderTable } from './tables/holders.ts';
import { jobPartTable, jobTable } from './tables/jobs.ts';
import { adminTable, organizationTable } from './tables/organization.ts';
import { printerTable } from './tables/printers.ts';
import { releaseKeyTable } from './tables/release-keys.ts';
import { tokenTable } from './tables/tokens.ts';
import { userTable } from './tables/users.ts';

/** The coordinator's database in one file (and its write-ahead log beside it), brought up to date. */
export async function openCoordinatorStore(file: string, now: number = Date.now()): Promise<CoordinatorStore> {
  const sqlite = openSqlite(file);
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: sqlite }) });
  try {
    await migrate(db, now);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    tables: tablesOf(db),
    transaction: (run) => db.transaction().execute((transaction) => run(tablesOf(transaction))),
    // Through kysely's queue, so never in the middle of a transaction.
    scrub: () => db.connection().execute(async () => sqlite.checkpoint()),
    close: () => db.destroy()
  };
}

const tablesOf = (db: Kysely<Schema>): Tables => ({
  organization: organizationTable(db),
  admins: adminTable(db),
  devices: deviceTable(db),
  users: userTable(db),
  printers: printerTable(db),
  tokens: tokenTable(db),
  releaseKeys: releaseKeyTable(db),
  jobs: jobTable(db),
  jobParts: jobPartTable(db),
  holders: holderTable(db),
  grants: grantTable(db),
  audit: auditTable(db)
});
