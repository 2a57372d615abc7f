import type { Kysely } from 'kysely';
import type { AuditTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

/** Rows are only ever added. Checkpoints may be thinned out: the newest one covers everything before it. */
export const auditTable = (db: Kysely<Schema>): AuditTable => ({
  async insert(record) {
    await db.insertInto('audit').values(record).execute();
  },
  last: () => db.selectFrom('audit').selectAll().orderBy('sequence', 'desc').limit(1).executeTakeFirst(),
  after: (sequence, limit) =>
    db.selectFrom('audit').selectAll().where('sequence', '>', sequence).orderBy('sequence').limit(limit).execute(),
  async insertCheckpoint(sequence, signed) {
    await db.insertInto('audit_checkpoint').values({ sequence, signed }).execute();
  },
  async deleteCheckpoint(sequence) {
    await db.deleteFrom('audit_checkpoint').where('sequence', '=', sequence).execute();
  },
  lastCheckpoint: () =>
    db.selectFrom('audit_checkpoint').selectAll().orderBy('sequence', 'desc').limit(1).executeTakeFirst(),
  checkpoints: () => db.selectFrom('audit_checkpoint').selectAll().orderBy('sequence').execute()
});
