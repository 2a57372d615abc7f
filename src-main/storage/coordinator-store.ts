import { Kysely, SqliteDialect, sql } from 'kysely';
import type { CoordinatorStore, StoreCopy, Tables } from '../coordinator/store.ts';
import { copyStore, fillStore, type ReadTable } from './copy.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';
import { openSqlite } from './sqlite.ts';
import { adminTable, passkeyTable, recoveryCodeTable } from './tables/administrators.ts';
import { apiTokenTable } from './tables/api-tokens.ts';
import { auditTable } from './tables/audit.ts';
import { auditForwardTable } from './tables/audit-forwards.ts';
import { badgeTable } from './tables/badges.ts';
import { coordinatorTable, signedDirectoryTable } from './tables/cluster.ts';
import { delegateTable } from './tables/delegates.ts';
import { deviceTable } from './tables/devices.ts';
import { grantTable } from './tables/grants.ts';
import { holderTable } from './tables/holders.ts';
import { invitationTable } from './tables/invitations.ts';
import { jobPartTable, jobTable } from './tables/jobs.ts';
import { keyCopyTable } from './tables/key-copies.ts';
import { keyFileTable } from './tables/key-files.ts';
import { confirmedEmailTable, mailServerTable, signInLinkTable } from './tables/mail.ts';
import { capsuleTable, offlineKeyTable } from './tables/offline.ts';
import { organizationTable } from './tables/organization.ts';
import { pageCountTable, policyTable } from './tables/policies.ts';
import { printerTable } from './tables/printers.ts';
import { releaseKeyTable } from './tables/release-keys.ts';
import { ssoLinkTable, ssoProviderTable } from './tables/single-sign-on.ts';
import { siteTable } from './tables/sites.ts';
import { stationSessionTable } from './tables/station-sessions.ts';
import { suspensionTable } from './tables/suspensions.ts';
import { tokenTable } from './tables/tokens.ts';
import { userGroupTable } from './tables/user-groups.ts';
import { userTable } from './tables/users.ts';
import { webSessionTable } from './tables/web-sessions.ts';
import { wrongTryTable } from './tables/wrong-tries.ts';

/** The coordinator's database in one file (and its write-ahead log beside it), brought up to date. */
export async function openCoordinatorStore(file: string, now: number = Date.now()): Promise<CoordinatorStore> {
  const sqlite = openSqlite(file);
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: sqlite }) });
  try {
    await migrate(db, { now });
  } catch (error) {
    await db.destroy();
    throw error;
  }
  let copying: Promise<unknown> = Promise.resolve();
  return {
    tables: tablesOf(db),
    transaction: (run) => db.transaction().execute((transaction) => run(tablesOf(transaction))),
    // Through kysely's queue, so never in the middle of a transaction; and not while a copy still reads what was deleted.
    async scrub() {
      await copying;
      await db.connection().execute(async () => sqlite.checkpoint());
    },
    copy(use) {
      const copy = copyFile(file, use);
      copying = Promise.allSettled([copying, copy]);
      return copy;
    },
    close: () => db.destroy()
  };
}

/** Makes a database of a backup's rows. */
export async function fillCoordinatorStore(file: string, copy: StoreCopy, now: number = Date.now()): Promise<void> {
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: openSqlite(file) }) });
  try {
    await fillStore(db, copy, { now });
  } finally {
    await db.destroy();
  }
}

/** By a connection of its own: its transaction sees what was there when it began, and holds nobody up. */
async function copyFile<T>(file: string, use: (copy: StoreCopy) => Promise<T>): Promise<T> {
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: openSqlite(file) }) });
  try {
    return await db.transaction().execute((transaction) => copyStore(transaction, readTable, use));
  } finally {
    await db.destroy();
  }
}

const readTable: ReadTable = async function* (db, table, pageSize) {
  for (let after: unknown = -1; ; ) {
    const page = sql<{ _row: number }>`
      select rowid as _row, * from ${sql.table(table)} where rowid > ${after} order by rowid limit ${pageSize}`;
    const { rows } = await page.execute(db);
    if (rows.length === 0) return;
    after = rows.at(-1)?._row;
    yield rows.map(({ _row, ...row }) => row);
  }
};

/** The tables of any database. */
export const tablesOf = (db: Kysely<Schema>): Tables => ({
  organization: organizationTable(db),
  admins: adminTable(db),
  recoveryCodes: recoveryCodeTable(db),
  passkeys: passkeyTable(db),
  webSessions: webSessionTable(db),
  apiTokens: apiTokenTable(db),
  badges: badgeTable(db),
  userGroups: userGroupTable(db),
  invitations: invitationTable(db),
  delegates: delegateTable(db),
  mailServer: mailServerTable(db),
  confirmedEmails: confirmedEmailTable(db),
  signInLinks: signInLinkTable(db),
  ssoProvider: ssoProviderTable(db),
  ssoLinks: ssoLinkTable(db),
  devices: deviceTable(db),
  users: userTable(db),
  printers: printerTable(db),
  tokens: tokenTable(db),
  releaseKeys: releaseKeyTable(db),
  keyFiles: keyFileTable(db),
  jobs: jobTable(db),
  jobParts: jobPartTable(db),
  holders: holderTable(db),
  grants: grantTable(db),
  audit: auditTable(db),
  auditForwards: auditForwardTable(db),
  suspensions: suspensionTable(db),
  policies: policyTable(db),
  pageCounts: pageCountTable(db),
  stationSessions: stationSessionTable(db),
  coordinators: coordinatorTable(db),
  signedDirectory: signedDirectoryTable(db),
  offlineKeys: offlineKeyTable(db),
  capsules: capsuleTable(db),
  sites: siteTable(db),
  wrongTries: wrongTryTable(db),
  keyCopies: keyCopyTable(db),
  notices: { send: async () => {} }
});
