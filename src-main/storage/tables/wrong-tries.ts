import { type Kysely, sql } from 'kysely';
import type { WrongTryTable } from '../../coordinator/cluster/tables.ts';
import type { Schema } from '../schema.ts';

export const wrongTryTable = (db: Kysely<Schema>): WrongTryTable => ({
  async of(hashes) {
    const rows = await db.selectFrom('wrong_try').select('locked_until').where('key_hash', 'in', hashes).execute();
    return rows.map((row) => row.locked_until);
  },
  async add(hash, at) {
    const { tries } = await db
      .insertInto('wrong_try')
      .values({ key_hash: hash, tries: 1, locked_until: 0, latest: at })
      .onConflict((conflict) =>
        conflict.column('key_hash').doUpdateSet({ tries: sql`wrong_try.tries + 1`, latest: at })
      )
      .returning('tries')
      .executeTakeFirstOrThrow();
    return tries;
  },
  async lock(hash, until) {
    await db.updateTable('wrong_try').set({ locked_until: until }).where('key_hash', '=', hash).execute();
  },
  async clear(hashes) {
    await db.deleteFrom('wrong_try').where('key_hash', 'in', hashes).execute();
  },
  async forget({ now, before, most }) {
    const open = db.deleteFrom('wrong_try').where('locked_until', '<=', now);
    await open.where('latest', '<', before).execute();
    const { count } = await db
      .selectFrom('wrong_try')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const tooMany = Number(count) - most;
    if (tooMany <= 0) return;
    const oldest = db
      .selectFrom('wrong_try')
      .select('key_hash')
      .where('locked_until', '<=', now)
      .orderBy('latest')
      .limit(tooMany);
    await db.deleteFrom('wrong_try').where('key_hash', 'in', oldest).execute();
  }
});
