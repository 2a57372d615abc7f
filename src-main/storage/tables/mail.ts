import type { Kysely } from 'kysely';
import { MailSettings } from '../../../src-preload/contract/index.ts';
import type {
  ConfirmedEmailTable,
  MailServerTable,
  SignInLinkRecord,
  SignInLinkTable
} from '../../coordinator/mail/tables.ts';
import type { Schema } from '../schema.ts';

export const mailServerTable = (db: Kysely<Schema>): MailServerTable => ({
  async get() {
    const row = await db.selectFrom('mail_server').selectAll().executeTakeFirst();
    return row && { settings: MailSettings.parse(JSON.parse(row.settings)), password: row.password };
  },
  async set({ settings, password }) {
    const values = { settings: JSON.stringify(settings), password };
    await db
      .insertInto('mail_server')
      .values({ one: 1, ...values })
      .onConflict((conflict) => conflict.column('one').doUpdateSet(values))
      .execute();
  },
  async remove() {
    await db.deleteFrom('mail_server').execute();
  }
});

export const confirmedEmailTable = (db: Kysely<Schema>): ConfirmedEmailTable => ({
  async get(user) {
    const row = await db.selectFrom('confirmed_email').select('email').where('user_id', '=', user).executeTakeFirst();
    return row?.email;
  },
  async set(user, email, now) {
    const values = { email, confirmed: now };
    await db
      .insertInto('confirmed_email')
      .values({ user_id: user, ...values })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet(values))
      .execute();
  },
  async remove(user) {
    await db.deleteFrom('confirmed_email').where('user_id', '=', user).execute();
  }
});

export const signInLinkTable = (db: Kysely<Schema>): SignInLinkTable => ({
  async get(secretHash) {
    const row = await db
      .selectFrom('sign_in_link')
      .selectAll()
      .where('secret_hash', '=', secretHash)
      .executeTakeFirst();
    if (!row) return undefined;
    const { user_id, secret_hash, browser_hash, ...rest } = row;
    return { ...rest, user: user_id, secretHash: secret_hash, browserHash: browser_hash } as SignInLinkRecord;
  },
  async countOf(user) {
    const { count } = await db
      .selectFrom('sign_in_link')
      .select((eb) => eb.fn.countAll<number | string>().as('count'))
      .where('user_id', '=', user)
      .executeTakeFirstOrThrow();
    return Number(count);
  },
  async insert({ user, secretHash, browserHash, ...rest }) {
    await db
      .insertInto('sign_in_link')
      .values({ ...rest, user_id: user, secret_hash: secretHash, browser_hash: browserHash })
      .execute();
  },
  async removeOf(user) {
    await db.deleteFrom('sign_in_link').where('user_id', '=', user).execute();
  },
  async removeOver(now) {
    await db.deleteFrom('sign_in_link').where('expires', '<=', now).execute();
  }
});
