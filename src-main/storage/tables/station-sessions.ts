import type { Kysely, Selectable } from 'kysely';
import type { StationSessionRecord, StationSessionTable } from '../../coordinator/cluster/tables.ts';
import type { Schema } from '../schema.ts';

export const stationSessionTable = (db: Kysely<Schema>): StationSessionTable => ({
  async insert({ tokenHash, user, ...rest }) {
    await db
      .insertInto('station_session')
      .values({ ...rest, token_hash: tokenHash, user_id: user })
      .execute();
  },
  async get(tokenHash) {
    const row = await db
      .selectFrom('station_session')
      .selectAll()
      .where('token_hash', '=', tokenHash)
      .executeTakeFirst();
    return row && session(row);
  },
  async setExpires(tokenHash, expires) {
    await db.updateTable('station_session').set({ expires }).where('token_hash', '=', tokenHash).execute();
  },
  async remove(tokenHash) {
    await db.deleteFrom('station_session').where('token_hash', '=', tokenHash).execute();
  },
  async removeOf(of) {
    const all = db.deleteFrom('station_session').returningAll();
    const some = 'user' in of ? all.where('user_id', '=', of.user) : all.where('device', '=', of.device);
    return (await some.execute()).map(session);
  },
  async makeRoom(now, most) {
    await db.deleteFrom('station_session').where('expires', '<=', now).execute();
    const { count } = await db
      .selectFrom('station_session')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    const tooMany = Number(count) - most + 1;
    if (tooMany <= 0) return;
    const first = db.selectFrom('station_session').select('token_hash').orderBy('expires').limit(tooMany);
    await db.deleteFrom('station_session').where('token_hash', 'in', first).execute();
  }
});

const session = ({ token_hash, user_id, ...row }: Selectable<Schema['station_session']>) =>
  ({ ...row, tokenHash: token_hash, user: user_id }) as StationSessionRecord;
