import type { Kysely, Selectable } from 'kysely';
import type { UserRecord, UserTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

export const userTable = (db: Kysely<Schema>): UserTable => ({
  async get(id) {
    const row = await db.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirst();
    return row && record(row);
  },
  async byNameKey(nameKey) {
    const row = await db.selectFrom('user').selectAll().where('name_key', '=', nameKey).executeTakeFirst();
    return row && record(row);
  },
  async byEmail(email) {
    const row = await db.selectFrom('user').selectAll().where('email', '=', email).executeTakeFirst();
    return row && record(row);
  },
  async list() {
    return (await db.selectFrom('user').selectAll().orderBy('name_key').execute()).map(record);
  },
  async insert({ nameKey, pinHash, ...rest }) {
    const result = await db
      .insertInto('user')
      .values({ ...rest, name_key: nameKey, pin_hash: pinHash })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  },
  async setEmail(id, email) {
    const taken = email === null ? undefined : await this.byEmail(email);
    if (taken && taken.id !== id) return false;
    await db.updateTable('user').set({ email }).where('id', '=', id).execute();
    return true;
  },
  async setPinHash(id, pinHash) {
    await db.updateTable('user').set({ pin_hash: pinHash }).where('id', '=', id).execute();
  },
  async setStatus(id, status) {
    await db.updateTable('user').set({ status }).where('id', '=', id).execute();
  }
});

const record = ({ name_key, pin_hash, ...row }: Selectable<Schema['user']>) =>
  ({ ...row, nameKey: name_key, pinHash: pin_hash }) as UserRecord;
