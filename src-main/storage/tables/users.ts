import type { Kysely, Selectable } from 'kysely';
import type { UserRecord, UserTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

export const userTable = (db: Kysely<Schema>): UserTable => ({
  async get(id) {
    const row = await db
      .selectFrom('user')
      .selectAll()
      .where('id', '=', id)
      .where('removed', 'is', null)
      .executeTakeFirst();
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
  async byExternalId(externalId) {
    const row = await db.selectFrom('user').selectAll().where('external_id', '=', externalId).executeTakeFirst();
    return row && record(row);
  },
  async list() {
    return (await db.selectFrom('user').selectAll().where('removed', 'is', null).orderBy('name_key').execute()).map(
      record
    );
  },
  async insert({ nameKey, pinHash, externalId, ...rest }) {
    const result = await db
      .insertInto('user')
      .values({ ...rest, name_key: nameKey, pin_hash: pinHash, external_id: externalId })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  },
  async rename(id, { name, nameKey, email, externalId }) {
    const others = await Promise.all([
      nameKey === undefined ? undefined : this.byNameKey(nameKey),
      email == null ? undefined : this.byEmail(email),
      externalId == null ? undefined : this.byExternalId(externalId)
    ]);
    if (others.some((other) => other && other.id !== id)) return false;
    const values = {
      ...(name === undefined ? {} : { name }),
      ...(nameKey === undefined ? {} : { name_key: nameKey }),
      ...(email === undefined ? {} : { email }),
      ...(externalId === undefined ? {} : { external_id: externalId })
    };
    if (Object.keys(values).length > 0) await db.updateTable('user').set(values).where('id', '=', id).execute();
    return true;
  },
  async remove(id, now) {
    await db
      .updateTable('user')
      .set({
        status: 'suspended',
        name_key: `removed ${id}`,
        email: null,
        external_id: null,
        pin_hash: null,
        removed: now
      })
      .where('id', '=', id)
      .execute();
  },
  async setPinHash(id, pinHash) {
    await db.updateTable('user').set({ pin_hash: pinHash }).where('id', '=', id).execute();
  },
  async setStatus(id, status) {
    await db.updateTable('user').set({ status }).where('id', '=', id).execute();
  },
  async guestsOf(host) {
    const rows = db.selectFrom('user').selectAll().where('host', '=', host).where('removed', 'is', null);
    return (await rows.orderBy('expires').execute()).map(record);
  },
  async overdue(now) {
    const rows = db.selectFrom('user').selectAll().where('expires', '<=', now).where('removed', 'is', null);
    return (await rows.execute()).map(record);
  },
  async nextExpiry() {
    const row = await db
      .selectFrom('user')
      .select((eb) => eb.fn.min('expires').as('next'))
      // So that the index is not read through all who never expire.
      .where('expires', 'is not', null)
      .where('removed', 'is', null)
      .executeTakeFirst();
    return row?.next ?? undefined;
  }
});

const record = ({ name_key, pin_hash, external_id, removed: _, ...row }: Selectable<Schema['user']>) =>
  ({ ...row, nameKey: name_key, pinHash: pin_hash, externalId: external_id }) as UserRecord;
