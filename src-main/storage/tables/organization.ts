import type { Kysely, Selectable } from 'kysely';
import type { AdminTable, OrganizationRecord, OrganizationTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

export const organizationTable = (db: Kysely<Schema>): OrganizationTable => ({
  async get() {
    const row = await db.selectFrom('organization').selectAll().executeTakeFirst();
    return row && record(row);
  },
  async insert({ policy, ...rest }) {
    await db
      .insertInto('organization')
      .values({ one: 1, ...rest, policy: JSON.stringify(policy), directory_version: 0 })
      .execute();
  },
  async setPolicy(policy) {
    await db
      .updateTable('organization')
      .set({ policy: JSON.stringify(policy) })
      .execute();
  },
  async nextDirectoryVersion() {
    const row = await db
      .updateTable('organization')
      .set((eb) => ({ directory_version: eb('directory_version', '+', 1) }))
      .returning('directory_version')
      .executeTakeFirstOrThrow();
    return row.directory_version;
  }
});

export const adminTable = (db: Kysely<Schema>): AdminTable => ({
  async passwordHash(name) {
    const row = await db.selectFrom('admin').select('password_hash').where('name', '=', name).executeTakeFirst();
    return row?.password_hash;
  },
  async insert(name, passwordHash) {
    await db.insertInto('admin').values({ name, password_hash: passwordHash }).execute();
  }
});

const record = (row: Selectable<Schema['organization']>) =>
  ({
    id: row.id,
    name: row.name,
    site: row.site,
    coordinator: row.coordinator,
    policy: JSON.parse(row.policy),
    created: row.created
  }) as OrganizationRecord;
