import type { Kysely } from 'kysely';
import type { SiteTable } from '../../coordinator/sites/tables.ts';
import type { Schema } from '../schema.ts';

export const siteTable = (db: Kysely<Schema>): SiteTable => ({
  get: (id) => db.selectFrom('site').selectAll().where('id', '=', id).executeTakeFirst(),
  list: () => db.selectFrom('site').selectAll().orderBy('id').execute(),
  async insert(record) {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('site')
      .values(record)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  },
  async rename(id, name) {
    await db.updateTable('site').set({ name }).where('id', '=', id).execute();
  },
  async remove(id) {
    await db.deleteFrom('site').where('id', '=', id).execute();
  }
});
