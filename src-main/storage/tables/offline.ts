import type { Kysely } from 'kysely';
import type { CapsuleRecord, CapsuleTable, OfflineKeyTable } from '../../coordinator/offline/tables.ts';
import type { Schema } from '../schema.ts';

export const offlineKeyTable = (db: Kysely<Schema>): OfflineKeyTable => ({
  async list() {
    const rows = await db.selectFrom('offline_key').selectAll().orderBy('epoch').execute();
    return rows.map(({ public_key, ...row }) => ({ ...row, publicKey: public_key }));
  },
  async insert({ publicKey, ...rest }) {
    await db
      .insertInto('offline_key')
      .values({ ...rest, public_key: publicKey })
      .execute();
  },
  async retire(epoch, at) {
    await db.updateTable('offline_key').set({ retired: at }).where('epoch', '=', epoch).execute();
  },
  async destroy(epoch) {
    await db.updateTable('offline_key').set({ wrapped: null }).where('epoch', '=', epoch).execute();
  }
});

export const capsuleTable = (db: Kysely<Schema>): CapsuleTable => ({
  list: async () => (await db.selectFrom('offline_capsule').selectAll().execute()) as CapsuleRecord[],
  async get(station) {
    const row = await db.selectFrom('offline_capsule').selectAll().where('station', '=', station).executeTakeFirst();
    return row as CapsuleRecord | undefined;
  },
  async put({ station, ...rest }) {
    await db
      .insertInto('offline_capsule')
      .values({ station, ...rest })
      .onConflict((conflict) => conflict.column('station').doUpdateSet(rest))
      .execute();
  },
  async remove(station) {
    await db.deleteFrom('offline_capsule').where('station', '=', station).execute();
  }
});
