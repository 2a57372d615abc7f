import type { Kysely, Selectable } from 'kysely';
import type { BadgeRecord, BadgeTable } from '../../coordinator/users/tables.ts';
import type { Schema } from '../schema.ts';

export const badgeTable = (db: Kysely<Schema>): BadgeTable => ({
  async get(id) {
    const row = await db.selectFrom('badge').selectAll().where('id', '=', id).executeTakeFirst();
    return row && badge(row);
  },
  async byHash(hash) {
    const row = await db.selectFrom('badge').selectAll().where('hash', '=', hash).executeTakeFirst();
    return row && badge(row);
  },
  async of(user) {
    const rows = await db.selectFrom('badge').selectAll().where('user_id', '=', user).orderBy('created').execute();
    return rows.map(badge);
  },
  async insert({ user, lastUsed, ...rest }) {
    const result = await db
      .insertInto('badge')
      .values({ ...rest, user_id: user, last_used: lastUsed })
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  },
  async setLastUsed(id, now) {
    await db.updateTable('badge').set({ last_used: now }).where('id', '=', id).execute();
  },
  async remove(id) {
    await db.deleteFrom('badge').where('id', '=', id).execute();
  }
});

const badge = ({ user_id, last_used, ...row }: Selectable<Schema['badge']>) =>
  ({ ...row, user: user_id, lastUsed: last_used }) as BadgeRecord;
