import type { Kysely, Selectable } from 'kysely';
import type { TokenRecord, TokenTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

export const tokenTable = (db: Kysely<Schema>): TokenTable => ({
  async get(id) {
    const row = await db.selectFrom('token').selectAll().where('id', '=', id).executeTakeFirst();
    return row && record(row);
  },
  async bySecretHash(secretHash) {
    const row = await db.selectFrom('token').selectAll().where('secret_hash', '=', secretHash).executeTakeFirst();
    return row && record(row);
  },
  async list() {
    return (await db.selectFrom('token').selectAll().orderBy('expires').execute()).map(record);
  },
  async insert({ secretHash, roles, maxUses, revoked, cloud, ...rest }) {
    await db
      .insertInto('token')
      .values({
        ...rest,
        secret_hash: secretHash,
        roles: JSON.stringify(roles),
        max_uses: maxUses,
        revoked: revoked ? 1 : 0,
        cloud: cloud ? 1 : 0
      })
      .execute();
  },
  async use(id, now) {
    const result = await db
      .updateTable('token')
      .set((eb) => ({ uses: eb('uses', '+', 1) }))
      .where('id', '=', id)
      .where('revoked', '=', 0)
      .where('expires', '>', now)
      .whereRef('uses', '<', 'max_uses')
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  },
  async revoke(id) {
    await db.updateTable('token').set({ revoked: 1 }).where('id', '=', id).execute();
  }
});

const record = (row: Selectable<Schema['token']>) =>
  ({
    id: row.id,
    secretHash: row.secret_hash,
    roles: JSON.parse(row.roles),
    uses: row.uses,
    maxUses: row.max_uses,
    expires: row.expires,
    owner: row.owner,
    revoked: row.revoked === 1,
    cloud: row.cloud === 1,
    site: row.site
  }) as TokenRecord;
