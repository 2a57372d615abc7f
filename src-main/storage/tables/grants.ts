import type { Kysely, Selectable } from 'kysely';
import type { GrantRecord, GrantTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

export const grantTable = (db: Kysely<Schema>): GrantTable => ({
  async get(id) {
    const row = await db.selectFrom('release_grant').selectAll().where('id', '=', id).executeTakeFirst();
    return row && record(row);
  },
  async ofJob(job) {
    const rows = await db.selectFrom('release_grant').selectAll().where('job', '=', job).orderBy('fence').execute();
    return rows.map(record);
  },
  async insert({ requestedBy, delivered, printerJob, ...rest }) {
    await db
      .insertInto('release_grant')
      .values({ ...rest, requested_by: requestedBy, delivered: delivered ? 1 : 0, printer_job: printerJob })
      .execute();
  },
  async setState(id, state) {
    await db.updateTable('release_grant').set({ state }).where('id', '=', id).execute();
  },
  async setDelivered(id, printerJob) {
    await db.updateTable('release_grant').set({ delivered: 1, printer_job: printerJob }).where('id', '=', id).execute();
  },
  async started(node) {
    const all = db.selectFrom('release_grant').selectAll().where('state', '=', 'started');
    const rows = await (node === undefined ? all : all.where('node', '=', node)).execute();
    return rows.map(record);
  },
  async overdue(now) {
    const rows = await db
      .selectFrom('release_grant')
      .selectAll()
      .where('state', '=', 'claimed')
      .where('expires', '<=', now)
      .execute();
    return rows.map(record);
  },
  async nextExpiry() {
    const row = await db
      .selectFrom('release_grant')
      .select('expires')
      .where('state', '=', 'claimed')
      .orderBy('expires')
      .limit(1)
      .executeTakeFirst();
    return row?.expires;
  }
});

const record = ({ requested_by, delivered, printer_job, ...row }: Selectable<Schema['release_grant']>) =>
  ({ ...row, requestedBy: requested_by, delivered: delivered === 1, printerJob: printer_job }) as GrantRecord;
