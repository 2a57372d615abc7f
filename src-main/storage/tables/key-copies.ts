import type { Kysely } from 'kysely';
import type { KeyCopyTable } from '../../coordinator/cluster/tables.ts';
import type { Schema } from '../schema.ts';

export const keyCopyTable = (db: Kysely<Schema>): KeyCopyTable => ({
  async insert(copy) {
    await db.insertInto('key_copy').values(copy).execute();
  },
  async takeAll(name, fingerprint) {
    const taken = db.deleteFrom('key_copy').where('name', '=', name).where('fingerprint', '=', fingerprint);
    return (await taken.returning('url').execute()).map(({ url }) => url);
  },
  takeOf(url, { name, fingerprint }) {
    let taken = db.deleteFrom('key_copy').where('url', '=', url);
    if (name !== undefined) taken = taken.where('name', '=', name);
    if (fingerprint !== undefined) taken = taken.where('fingerprint', '=', fingerprint);
    return taken.returningAll().execute();
  }
});
