import type { Kysely } from 'kysely';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { HolderTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

export const holderTable = (db: Kysely<Schema>): HolderTable => ({
  async of(job) {
    const rows = await db
      .selectFrom('holder')
      .select('node')
      .where('job', '=', job)
      .where('erased', 'is', null)
      .orderBy('node')
      .execute();
    return rows.map((row) => row.node as DeviceId);
  },
  async insert(job, node, receipt) {
    const result = await db
      .insertInto('holder')
      .values({ job, node, receipt, erased: null })
      // A node that had erased its replica may hold one again.
      .onConflict((conflict) =>
        conflict.columns(['job', 'node']).doUpdateSet({ receipt, erased: null }).where('holder.erased', 'is not', null)
      )
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  },
  async order(job, signed) {
    await db.insertInto('erase_order').values({ job, signed }).execute();
  },
  async outstanding(node, job) {
    const ofNode = db
      .selectFrom('holder')
      .innerJoin('erase_order', 'erase_order.job', 'holder.job')
      .select('erase_order.signed')
      .where('holder.node', '=', node)
      .where('holder.erased', 'is', null);
    const rows = await (job === undefined ? ofNode : ofNode.where('holder.job', '=', job)).execute();
    return rows.map((row) => row.signed);
  },
  async erased(job, node, at) {
    const result = await db
      .updateTable('holder')
      .set({ erased: at })
      .where('job', '=', job)
      .where('node', '=', node)
      .where('erased', 'is', null)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  }
});
