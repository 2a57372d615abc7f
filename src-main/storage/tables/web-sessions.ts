import type { Kysely, Selectable } from 'kysely';
import type { WebSessionRecord, WebSessionTable } from '../../coordinator/admins/tables.ts';
import type { Schema } from '../schema.ts';

export const webSessionTable = (db: Kysely<Schema>): WebSessionTable => ({
  async byTokenHash(tokenHash) {
    const row = await db.selectFrom('web_session').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst();
    return row && webSession(row);
  },
  async of(kind, subject) {
    const rows = await db
      .selectFrom('web_session')
      .selectAll()
      .where('kind', '=', kind)
      .where('subject', '=', subject)
      .orderBy('last_used', 'desc')
      .execute();
    return rows.map(webSession);
  },
  async insert({ tokenHash, lastUsed, ...rest }) {
    await db
      .insertInto('web_session')
      .values({ ...rest, token_hash: tokenHash, last_used: lastUsed })
      .execute();
  },
  async update(id, { lastUsed, ...rest }) {
    const set = { ...rest, ...(lastUsed === undefined ? {} : { last_used: lastUsed }) };
    await db.updateTable('web_session').set(set).where('id', '=', id).execute();
  },
  async remove(id) {
    await db.deleteFrom('web_session').where('id', '=', id).execute();
  },
  async removeOf(kind, subject, except) {
    const all = db.deleteFrom('web_session').where('kind', '=', kind).where('subject', '=', subject);
    await (except === undefined ? all : all.where('id', '!=', except)).execute();
  },
  async removeOld(lastUsedBefore, createdBefore) {
    await db
      .deleteFrom('web_session')
      .where((eb) => eb.or([eb('last_used', '<', lastUsedBefore), eb('created', '<', createdBefore)]))
      .execute();
  }
});

const webSession = ({ token_hash, last_used, ...row }: Selectable<Schema['web_session']>) =>
  ({ ...row, tokenHash: token_hash, lastUsed: last_used }) as WebSessionRecord;
