import { CompiledQuery, type Kysely } from 'kysely';
import { LetterlockError } from '../base/errors.ts';
import type { Migration } from './migration.ts';
import { first } from './migrations/0001-first.ts';
import { printerCapabilities } from './migrations/0002-printer-capabilities.ts';
import { administrators } from './migrations/0003-administrators.ts';
import { auditForwarding } from './migrations/0004-audit-forwarding.ts';
import { singleSignOn } from './migrations/0005-single-sign-on.ts';
import { keyLifecycle } from './migrations/0006-key-lifecycle.ts';
import { badges } from './migrations/0007-badges.ts';
import { userDirectory } from './migrations/0008-directory.ts';
import { policyVersions } from './migrations/0009-policy.ts';
import { people } from './migrations/0010-people.ts';
import { keyFiles } from './migrations/0011-key-files.ts';
import { severalCoordinators } from './migrations/0012-several-coordinators.ts';
import { offlineGrants } from './migrations/0014-offline-grants.ts';
import { mail } from './migrations/0015-mail.ts';
import { sites } from './migrations/0016-sites.ts';
import { cloudNodes } from './migrations/0017-cloud-nodes.ts';
import { sharedTriesAndKeys } from './migrations/0018-shared-tries-and-keys.ts';
import type { Schema } from './schema.ts';

const migrations: readonly Migration[] = [
  first,
  printerCapabilities,
  administrators,
  auditForwarding,
  singleSignOn,
  keyLifecycle,
  badges,
  userDirectory,
  policyVersions,
  people,
  keyFiles,
  severalCoordinators,
  offlineGrants,
  mail,
  sites,
  cloudNodes,
  sharedTriesAndKeys
];

export interface MigrateOptions {
  readonly now: number;
  /** From SQLite's words to those of the database. */
  readonly translate?: (statement: string) => string;
  /** Only as far as this step, in a database that is still empty. */
  readonly upTo?: number;
  /** Others use the database: a step that is due is refused with `conflict`. */
  readonly shared?: boolean;
}

/** Brings the database up to date, each step whole or not at all. A database of a newer program is left alone. */
export async function migrate(
  db: Kysely<Schema>,
  { now, translate = (statement) => statement, upTo, shared = false }: MigrateOptions
): Promise<void> {
  await db.executeQuery(
    CompiledQuery.raw(
      translate(
        'create table if not exists schema_version (number integer primary key, applied integer not null) strict'
      )
    )
  );
  const rows = await db.selectFrom('schema_version').select('number').orderBy('number').execute();
  const applied = rows.map((row) => row.number);
  const known = migrations.map((migration) => migration.number);
  if (applied.some((number, i) => number !== known[i]) || (upTo !== undefined && !known.includes(upTo)))
    throw new LetterlockError('storage-damaged', 'the database belongs to another version of Letterlock');
  if (upTo !== undefined && applied.length > 0) throw new LetterlockError('conflict', 'the database is not empty');

  for (const { number, statements } of migrations.slice(applied.length)) {
    if (upTo !== undefined && number > upTo) return;
    if (shared) throw new LetterlockError('conflict', 'other coordinators of an older version use this database');
    await db.transaction().execute(async (transaction) => {
      for (const statement of statements) await transaction.executeQuery(CompiledQuery.raw(translate(statement)));
      await transaction.insertInto('schema_version').values({ number, applied: now }).execute();
    });
  }
}
