import type { Kysely } from 'kysely';
import type { CoordinatorTable, SignedDirectoryTable } from '../../coordinator/cluster/tables.ts';
import type { Schema } from '../schema.ts';

export const coordinatorTable = (db: Kysely<Schema>): CoordinatorTable => ({
  async list() {
    const rows = await db.selectFrom('coordinator').selectAll().orderBy('url').execute();
    return rows.map(({ pairing_url, web_url, ...row }) => ({ ...row, pairingUrl: pairing_url, webUrl: web_url }));
  },
  async put({ url, pairingUrl, webUrl, since }) {
    const addresses = { pairing_url: pairingUrl, web_url: webUrl };
    const changed = await db
      .insertInto('coordinator')
      .values({ url, ...addresses, since })
      .onConflict((conflict) =>
        conflict
          .column('url')
          .doUpdateSet(addresses)
          .where((eb) =>
            eb.or([eb('coordinator.pairing_url', '!=', pairingUrl), eb('coordinator.web_url', '!=', webUrl)])
          )
      )
      .returning('url')
      .executeTakeFirst();
    return changed !== undefined;
  },
  async remove(url) {
    const gone = await db.deleteFrom('coordinator').where('url', '=', url).returning('url').executeTakeFirst();
    return gone !== undefined;
  }
});

export const signedDirectoryTable = (db: Kysely<Schema>): SignedDirectoryTable => ({
  get: () => db.selectFrom('signed_directory').select(['version', 'signed']).executeTakeFirst(),
  async put(version, signed) {
    await db
      .insertInto('signed_directory')
      .values({ one: 1, version, signed })
      .onConflict((conflict) => conflict.column('one').doUpdateSet({ version, signed }))
      .execute();
  }
});
