import type { Kysely, Selectable } from 'kysely';
import { AuditForwardId, AuditForwardTarget } from '../../../src-preload/contract/index.ts';
import type { AuditForwardRecord, AuditForwardTable } from '../../coordinator/audit/tables.ts';
import type { Schema } from '../schema.ts';

export const auditForwardTable = (db: Kysely<Schema>): AuditForwardTable => ({
  async get(id) {
    const row = await db.selectFrom('audit_forward').selectAll().where('id', '=', id).executeTakeFirst();
    return row && forward(row);
  },
  async list() {
    return (await db.selectFrom('audit_forward').selectAll().orderBy('created').execute()).map(forward);
  },
  async insert({ target, ...rest }) {
    await db
      .insertInto('audit_forward')
      .values({ ...rest, target: JSON.stringify(target) })
      .execute();
  },
  async remove(id) {
    await db.deleteFrom('audit_forward').where('id', '=', id).execute();
  },
  async advance(id, sequence) {
    await db
      .updateTable('audit_forward')
      .set({ sequence })
      .where('id', '=', id)
      .where('sequence', '<', sequence)
      .execute();
  }
});

const forward = ({ id, target, ...row }: Selectable<Schema['audit_forward']>): AuditForwardRecord => ({
  ...row,
  id: AuditForwardId.parse(id),
  target: AuditForwardTarget.parse(JSON.parse(target))
});
