import type { Kysely } from 'kysely';
import type { SuspensionTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

export const suspensionTable = (db: Kysely<Schema>): SuspensionTable => ({
  async add(subject, since) {
    const added = await db
      .insertInto('suspension')
      .values({ subject, since })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return added.numInsertedOrUpdatedRows === 1n;
  },
  async remove(subject) {
    const removed = await db.deleteFrom('suspension').where('subject', '=', subject).executeTakeFirst();
    return removed.numDeletedRows === 1n;
  },
  async all() {
    return new Map(
      (await db.selectFrom('suspension').selectAll().execute()).map(({ subject, since }) => [subject, since])
    );
  },
  async has(subject) {
    const row = await db.selectFrom('suspension').select('subject').where('subject', '=', subject).executeTakeFirst();
    return row !== undefined;
  }
});
