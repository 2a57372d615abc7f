import type { Kysely, Selectable } from 'kysely';
import type { PrinterRecord, PrinterTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

export const printerTable = (db: Kysely<Schema>): PrinterTable => ({
  async get(id) {
    const row = await db.selectFrom('printer').selectAll().where('id', '=', id).executeTakeFirst();
    return row && record(row);
  },
  async list() {
    return (await db.selectFrom('printer').selectAll().orderBy('name').execute()).map(record);
  },
  async insert({ certificateSha256, certificateSubject, certificateExpires, ...rest }) {
    await db
      .insertInto('printer')
      .values({
        ...rest,
        certificate_sha256: certificateSha256,
        certificate_subject: certificateSubject,
        certificate_expires: certificateExpires
      })
      .execute();
  },
  async approve(id, grade) {
    await db.updateTable('printer').set({ status: 'approved', grade }).where('id', '=', id).execute();
  },
  async setCapabilities(id, capabilities) {
    await db.updateTable('printer').set({ capabilities }).where('id', '=', id).execute();
  },
  async move(id, site) {
    await db.updateTable('printer').set({ site }).where('id', '=', id).execute();
  },
  async remove(id) {
    await db.updateTable('printer').set({ status: 'removed' }).where('id', '=', id).execute();
  }
});

const record = (row: Selectable<Schema['printer']>) =>
  ({
    id: row.id,
    name: row.name,
    location: row.location,
    uri: row.uri,
    status: row.status,
    grade: row.grade,
    certificateSha256: row.certificate_sha256,
    certificateSubject: row.certificate_subject,
    certificateExpires: row.certificate_expires,
    capabilities: row.capabilities,
    site: row.site
  }) as PrinterRecord;
