import { type Kysely, sql } from 'kysely';
import { LetterlockError } from '../base/errors.ts';
import type { CopiedRow, StoreCopy } from '../coordinator/store.ts';
import { type MigrateOptions, migrate } from './migrate.ts';
import type { Schema } from './schema.ts';

/**
 * Which tables a backup holds, in an order in which every row comes after those that it refers to. Not in it: sign-ins and
 * tokens, which may have been withdrawn since. Who adds a table decides here.
 */
const inBackup: Readonly<Record<keyof Schema, boolean>> = {
  schema_version: false,
  organization: true,
  admin: true,
  admin_recovery_code: true,
  admin_passkey: true,
  sso_provider: true,
  sso_link: true,
  web_session: false,
  api_token: false,
  token: false,
  user: true,
  badge: true,
  user_group: true,
  user_group_member: true,
  invitation: false,
  delegate: true,
  mail_server: true,
  confirmed_email: true,
  sign_in_link: false,
  site: true,
  device: true,
  printer: true,
  release_key: true,
  release_key_secret: true,
  key_file: true,
  suspension: true,
  job: true,
  job_part: true,
  holder: true,
  erase_order: true,
  release_grant: true,
  policy_version: true,
  page_count: true,
  audit: true,
  audit_checkpoint: true,
  audit_forward: true,
  station_session: false,
  coordinator: false,
  offline_key: true,
  offline_capsule: true,
  signed_directory: false,
  wrong_try: false,
  key_copy: false
};
export const copiedTables = Object.entries(inBackup).flatMap(([table, copied]) => (copied ? [table] : []));

/** How a database gives out a whole table, some rows at a time. */
export type ReadTable = (db: Kysely<Schema>, table: string, pageSize: number) => AsyncIterable<CopiedRow['row'][]>;

/** `transaction`: one that sees the same picture until it ends. */
export async function copyStore<T>(
  transaction: Kysely<Schema>,
  read: ReadTable,
  use: (copy: StoreCopy) => Promise<T>
): Promise<T> {
  const { schema } = await transaction
    .selectFrom('schema_version')
    .select((eb) => eb.fn.max('number').as('schema'))
    .executeTakeFirstOrThrow();
  async function* rows(): AsyncGenerator<CopiedRow> {
    for (const table of copiedTables)
      for await (const page of read(transaction, table, pageSize)) for (const row of page) yield { table, row };
  }
  return use({ schema, rows: rows() });
}

/** Puts a copy into an empty database, then brings that up to date. Throws `conflict` when the database is not empty. */
export async function fillStore(db: Kysely<Schema>, copy: StoreCopy, options: MigrateOptions): Promise<void> {
  await migrate(db, { ...options, upTo: copy.schema });
  await db.transaction().execute(async (transaction) => {
    let batch: CopiedRow[] = [];
    const insert = async () => {
      const [first] = batch;
      // Names are the database's own; what it does not know it refuses.
      if (first) await statementOf(first.table, batch).execute(transaction);
      batch = [];
    };
    for await (const one of copy.rows) {
      if (!copiedTables.includes(one.table)) throw new LetterlockError('backup-unreadable', 'unknown table');
      if (batch.length === batchSize || batch[0]?.table !== one.table) await insert();
      batch.push(one);
    }
    await insert();
  });
  await migrate(db, options);
}

function statementOf(table: string, batch: readonly CopiedRow[]) {
  const columns = Object.keys(batch[0]?.row ?? {});
  const values = batch.map(({ row }) => sql`(${sql.join(columns.map((column) => row[column]))})`);
  return sql`insert into ${sql.table(table)} (${sql.join(columns.map((name) => sql.ref(name)))}) values ${sql.join(values)}`;
}

const pageSize = 500;
const batchSize = 200;
