import { type Kysely, sql } from 'kysely';
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
  checkpoints: (after = 0, upTo = Number.MAX_SAFE_INTEGER) =>
    db
      .selectFrom('audit_checkpoint')
      .selectAll()
      .where('sequence', '>', after)
      .where('sequence', '<=', upTo)
      .orderBy('sequence')
      .execute(),

  find({ actor, action, subject, from, to }, { after, before, newest = false, limit }) {
    let query = db.selectFrom('audit').selectAll().where('sequence', '>', after);
    if (before !== undefined) query = query.where('sequence', '<', before);
    if (actor !== undefined) query = query.where('actor', '=', actor);
    if (subject !== undefined) query = query.where('subject', '=', subject);
    if (from !== undefined) query = query.where('time', '>=', from);
    if (to !== undefined) query = query.where('time', '<', to);
    // Not LIKE, which means different things in different databases.
    if (action !== undefined) query = query.where(sql`substr(action, 1, ${action.length})`, '=', action);
    return query
      .orderBy('sequence', newest ? 'desc' : 'asc')
      .limit(limit)
      .execute();
  },
  async hashes(sequences) {
    if (sequences.length === 0) return new Map();
    const rows = await db
      .selectFrom('audit')
      .select(['sequence', 'hash'])
      .where('sequence', 'in', [...sequences])
      .execute();
    return new Map(rows.map(({ sequence, hash }) => [sequence, hash]));
  }
});
