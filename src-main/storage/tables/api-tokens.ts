import type { Kysely, Selectable } from 'kysely';
import type { ApiTokenRecord, ApiTokenTable } from '../../coordinator/admins/tables.ts';
import type { Schema } from '../schema.ts';

export const apiTokenTable = (db: Kysely<Schema>): ApiTokenTable => ({
  async get(id) {
    const row = await db.selectFrom('api_token').selectAll().where('id', '=', id).executeTakeFirst();
    return row && apiToken(row);
  },
  async byTokenHash(tokenHash) {
    const row = await db.selectFrom('api_token').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst();
    return row && apiToken(row);
  },
  async list() {
    return (await db.selectFrom('api_token').selectAll().orderBy('created').execute()).map(apiToken);
  },
  async insert({ tokenHash, scopes, createdBy, lastUsed, ...rest }) {
    await db
      .insertInto('api_token')
      .values({
        ...rest,
        token_hash: tokenHash,
        scopes: JSON.stringify(scopes),
        created_by: createdBy,
        last_used: lastUsed
      })
      .execute();
  },
  async setLastUsed(id, now) {
    await db.updateTable('api_token').set({ last_used: now }).where('id', '=', id).execute();
  },
  async remove(id) {
    await db.deleteFrom('api_token').where('id', '=', id).execute();
  }
});

const apiToken = ({ token_hash, scopes, created_by, last_used, ...row }: Selectable<Schema['api_token']>) =>
  ({
    ...row,
    tokenHash: token_hash,
    scopes: JSON.parse(scopes),
    createdBy: created_by,
    lastUsed: last_used
  }) as ApiTokenRecord;
