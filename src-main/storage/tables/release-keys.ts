import type { Kysely } from 'kysely';
import type { ReleaseKeyTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

export const releaseKeyTable = (db: Kysely<Schema>): ReleaseKeyTable => ({
  async list() {
    const rows = await db.selectFrom('release_key').selectAll().orderBy('epoch').execute();
    return rows.map(({ public_key, ...row }) => ({ ...row, publicKey: public_key }));
  },
  async insert({ publicKey, ...rest }, wrapped) {
    await db
      .insertInto('release_key')
      .values({ ...rest, public_key: publicKey })
      .execute();
    await db.insertInto('release_key_secret').values({ epoch: rest.epoch, wrapped }).execute();
  },
  async wrappedPrivateKey(epoch) {
    const row = await db
      .selectFrom('release_key_secret')
      .select('wrapped')
      .where('epoch', '=', epoch)
      .executeTakeFirst();
    return row?.wrapped;
  },
  async rewrap(epoch, wrapped) {
    await db.updateTable('release_key_secret').set({ wrapped }).where('epoch', '=', epoch).execute();
  },
  async destroy(epoch, at) {
    const secret = db.selectFrom('release_key_secret').select('wrapped').where('epoch', '=', epoch);
    const length = (await secret.executeTakeFirst())?.wrapped.length ?? 0;
    await db
      .updateTable('release_key_secret')
      .set({ wrapped: new Uint8Array(length) })
      .where('epoch', '=', epoch)
      .execute();
    await db.deleteFrom('release_key_secret').where('epoch', '=', epoch).execute();
    await db.updateTable('release_key').set({ destroyed: at }).where('epoch', '=', epoch).execute();
  }
});
