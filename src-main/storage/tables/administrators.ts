import type { Kysely, Selectable } from 'kysely';
import type {
  AdminRecord,
  AdminTable,
  PasskeyRecord,
  PasskeyTable,
  RecoveryCodeTable
} from '../../coordinator/admins/tables.ts';
import type { Schema } from '../schema.ts';

export const adminTable = (db: Kysely<Schema>): AdminTable => ({
  async get(name) {
    const row = await db.selectFrom('admin').selectAll().where('name', '=', name).executeTakeFirst();
    return row && admin(row);
  },
  async list() {
    return (await db.selectFrom('admin').selectAll().orderBy('name').execute()).map(admin);
  },
  async insert({ passwordHash, lastSignIn, ...rest }) {
    const result = await db
      .insertInto('admin')
      .values({ ...rest, password_hash: passwordHash ?? '', last_sign_in: lastSignIn, totp_step: 0 })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  },
  async update(name, { passwordHash, lastSignIn, ...rest }) {
    await db
      .updateTable('admin')
      .set({
        ...rest,
        ...(passwordHash === undefined ? {} : { password_hash: passwordHash ?? '' }),
        ...(lastSignIn === undefined ? {} : { last_sign_in: lastSignIn })
      })
      .where('name', '=', name)
      .execute();
  },
  async takeTotpStep(name, step) {
    const result = await db
      .updateTable('admin')
      .set({ totp_step: step })
      .where('name', '=', name)
      .where('totp_step', '<', step)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  },
  async remove(name) {
    await db.deleteFrom('admin_recovery_code').where('admin', '=', name).execute();
    await db.deleteFrom('admin_passkey').where('admin', '=', name).execute();
    await db.deleteFrom('admin').where('name', '=', name).execute();
  }
});

/** No password is an empty text in the database: the first schema wants one. */
const admin = ({ password_hash, last_sign_in, totp_step: _, ...row }: Selectable<Schema['admin']>): AdminRecord => ({
  ...row,
  passwordHash: password_hash || null,
  lastSignIn: last_sign_in
});

export const recoveryCodeTable = (db: Kysely<Schema>): RecoveryCodeTable => ({
  async replace(admin, hashes) {
    await db.deleteFrom('admin_recovery_code').where('admin', '=', admin).execute();
    if (hashes.length === 0) return;
    await db
      .insertInto('admin_recovery_code')
      .values(hashes.map((hash) => ({ admin, hash })))
      .execute();
  },
  async use(admin, hash) {
    const result = await db
      .deleteFrom('admin_recovery_code')
      .where('admin', '=', admin)
      .where('hash', '=', hash)
      .executeTakeFirst();
    return result.numDeletedRows === 1n;
  },
  async count(admin) {
    const { count } = await db
      .selectFrom('admin_recovery_code')
      .select((eb) => eb.fn.countAll<number | string>().as('count'))
      .where('admin', '=', admin)
      .executeTakeFirstOrThrow();
    return Number(count);
  }
});

export const passkeyTable = (db: Kysely<Schema>): PasskeyTable => ({
  async get(id) {
    const row = await db.selectFrom('admin_passkey').selectAll().where('id', '=', id).executeTakeFirst();
    return row && passkey(row);
  },
  async of(admin) {
    const rows = await db
      .selectFrom('admin_passkey')
      .selectAll()
      .where('admin', '=', admin)
      .orderBy('created')
      .execute();
    return rows.map(passkey);
  },
  async insert({ publicKey, transports, lastUsed, ...rest }) {
    const result = await db
      .insertInto('admin_passkey')
      .values({ ...rest, public_key: publicKey, transports: JSON.stringify(transports), last_used: lastUsed })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  },
  async count(seen, counter, now) {
    const result = await db
      .updateTable('admin_passkey')
      .set({ counter, last_used: now })
      .where('id', '=', seen.id)
      .where('counter', '=', seen.counter)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  },
  async remove(admin, id) {
    const result = await db
      .deleteFrom('admin_passkey')
      .where('admin', '=', admin)
      .where('id', '=', id)
      .executeTakeFirst();
    return result.numDeletedRows === 1n;
  }
});

const passkey = ({
  public_key,
  transports,
  last_used,
  ...row
}: Selectable<Schema['admin_passkey']>): PasskeyRecord => ({
  ...row,
  publicKey: public_key,
  transports: JSON.parse(transports),
  lastUsed: last_used
});
