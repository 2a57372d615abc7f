import type { Kysely, Selectable } from 'kysely';
import { SsoSettings } from '../../../src-preload/contract/index.ts';
import type { SsoLinkRecord, SsoLinkTable, SsoProviderTable } from '../../coordinator/sso/tables.ts';
import type { Schema } from '../schema.ts';

export const ssoProviderTable = (db: Kysely<Schema>): SsoProviderTable => ({
  async get() {
    const row = await db.selectFrom('sso_provider').selectAll().executeTakeFirst();
    return row && { settings: SsoSettings.parse(JSON.parse(row.settings)), secret: row.secret };
  },
  async set({ settings, secret }) {
    const values = { settings: JSON.stringify(settings), secret };
    await db
      .insertInto('sso_provider')
      .values({ one: 1, ...values })
      .onConflict((conflict) => conflict.column('one').doUpdateSet(values))
      .execute();
  },
  async remove() {
    await db.deleteFrom('sso_provider').execute();
  }
});

export const ssoLinkTable = (db: Kysely<Schema>): SsoLinkTable => ({
  async get(id) {
    const row = await db.selectFrom('sso_link').selectAll().where('id', '=', id).executeTakeFirst();
    return row && link(row);
  },
  async of(kind, issuer, subject) {
    const row = await db
      .selectFrom('sso_link')
      .selectAll()
      .where('kind', '=', kind)
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .executeTakeFirst();
    return row && link(row);
  },
  async list(limit) {
    const rows = await db.selectFrom('sso_link').selectAll().orderBy('created', 'desc').limit(limit).execute();
    return rows.map(link);
  },
  async insert({ lastSignIn, ...rest }) {
    const result = await db
      .insertInto('sso_link')
      .values({ ...rest, last_sign_in: lastSignIn })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  },
  async setLastSignIn(id, now) {
    await db.updateTable('sso_link').set({ last_sign_in: now }).where('id', '=', id).execute();
  },
  async remove(id) {
    await db.deleteFrom('sso_link').where('id', '=', id).execute();
  }
});

const link = ({ last_sign_in, ...row }: Selectable<Schema['sso_link']>) =>
  ({ ...row, lastSignIn: last_sign_in }) as SsoLinkRecord;
