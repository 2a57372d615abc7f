import type { Kysely, Selectable } from 'kysely';
import type { DelegateRecord, DelegateTable } from '../../coordinator/users/tables.ts';
import type { Schema } from '../schema.ts';

export const delegateTable = (db: Kysely<Schema>): DelegateTable => ({
  async get(owner, user) {
    const row = await db
      .selectFrom('delegate')
      .selectAll()
      .where('owner', '=', owner)
      .where('user_id', '=', user)
      .executeTakeFirst();
    return row && delegate(row);
  },
  async ofOwner(owner) {
    return (await db.selectFrom('delegate').selectAll().where('owner', '=', owner).orderBy('until').execute()).map(
      delegate
    );
  },
  async ofUser(user) {
    return (await db.selectFrom('delegate').selectAll().where('user_id', '=', user).orderBy('until').execute()).map(
      delegate
    );
  },
  async put({ owner, user, until, created }) {
    await db
      .insertInto('delegate')
      .values({ owner, user_id: user, until, created })
      .onConflict((conflict) => conflict.columns(['owner', 'user_id']).doUpdateSet({ until }))
      .execute();
  },
  async remove(owner, user) {
    const result = await db
      .deleteFrom('delegate')
      .where('owner', '=', owner)
      .where('user_id', '=', user)
      .executeTakeFirst();
    return result.numDeletedRows === 1n;
  },
  async removeOf(user) {
    await db
      .deleteFrom('delegate')
      .where((either) => either.or([either('owner', '=', user), either('user_id', '=', user)]))
      .execute();
  }
});

const delegate = ({ user_id, ...row }: Selectable<Schema['delegate']>) => ({ ...row, user: user_id }) as DelegateRecord;
