import { CompiledQuery, type Kysely } from 'kysely';
import { LetterlockError } from '../base/errors.ts';
import type { Migration } from './migration.ts';
import { first } from './migrations/0001-first.ts';
import type { Schema } from './schema.ts';

const migrations: readonly Migration[] = [first];

/** Brings the database up to date, each step whole or not at all. A database of a newer program is left alone. */
export async function migrate(db: Kysely<Schema>, now: number): Promise<void> {
  await db.executeQuery(
    CompiledQuery.raw(
      'create table if not exists schema_version (number integer primary key, applied integer not null) strict'
    )
  );
  const rows = await db.selectFrom('schema_version').select('number').orderBy('number').execute();
  const applied = rows.map((row) => row.number);
  const known = migrations.map((migration) => migration.number);
  if (applied.some((number, i) => number !== known[i]))
    throw new LetterlockError('storage-damaged', 'the database belongs to another version of Letterlock');

  for (const { number, statements } of migrations.slice(applied.length))
    await db.transaction().execute(async (transaction) => {
      for (const statement of statements) await transaction.executeQuery(CompiledQuery.raw(statement));
      await transaction.insertInto('schema_version').values({ number, applied: now }).execute();
    });
}
