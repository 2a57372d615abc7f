import type { Kysely } from 'kysely';
import type { KeyFileTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

export const keyFileTable = (db: Kysely<Schema>): KeyFileTable => ({
  async fingerprint(name) {
    const row = await db.selectFrom('key_file').select('fingerprint').where('name', '=', name).executeTakeFirst();
    return row?.fingerprint;
  },
  async setFingerprint(name, fingerprint) {
    await db
      .insertInto('key_file')
      .values({ name, fingerprint })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ fingerprint }))
      .execute();
  }
});
