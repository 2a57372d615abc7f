import type { Kysely, Selectable } from 'kysely';
import { PolicyView, UserRules } from '../../../src-preload/contract/index.ts';
import type { OrganizationRecord, OrganizationTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

export const organizationTable = (db: Kysely<Schema>): OrganizationTable => ({
  async get() {
    const row = await db.selectFrom('organization').selectAll().executeTakeFirst();
    return row && record(row);
  },
  async insert({ policy, ...rest }) {
    await db
      .insertInto('organization')
      .values({
        one: 1,
        ...rest,
        policy: JSON.stringify(policy),
        directory_version: 0,
        key_rotation_days: 90,
        user_rules: '{}'
      })
      .execute();
  },
  async setPolicy(policy) {
    await db
      .updateTable('organization')
      .set({ policy: JSON.stringify(policy) })
      .execute();
  },
  async userRules() {
    const row = await db.selectFrom('organization').select('user_rules').executeTakeFirstOrThrow();
    return UserRules.parse(JSON.parse(row.user_rules));
  },
  async setUserRules(rules) {
    await db
      .updateTable('organization')
      .set({ user_rules: JSON.stringify(rules) })
      .execute();
  },
  async keyRotationDays() {
    const row = await db.selectFrom('organization').select('key_rotation_days').executeTakeFirstOrThrow();
    return row.key_rotation_days;
  },
  async setKeyRotationDays(days) {
    await db.updateTable('organization').set({ key_rotation_days: days }).execute();
  },
  async nextDirectoryVersion(by = 1) {
    const row = await db
      .updateTable('organization')
      .set((eb) => ({ directory_version: eb('directory_version', '+', by) }))
      .returning('directory_version')
      .executeTakeFirstOrThrow();
    return row.directory_version;
  }
});

const record = (row: Selectable<Schema['organization']>) =>
  ({
    id: row.id,
    name: row.name,
    site: row.site,
    coordinator: row.coordinator,
    policy: PolicyView.parse(JSON.parse(row.policy)),
    created: row.created
  }) as OrganizationRecord;
