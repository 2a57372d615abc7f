import type { Kysely, Selectable } from 'kysely';
import type { UserId } from '../../../src-preload/contract/index.ts';
import type { UserGroupRecord, UserGroupTable } from '../../coordinator/users/tables.ts';
import type { Schema } from '../schema.ts';

export const userGroupTable = (db: Kysely<Schema>): UserGroupTable => ({
  async get(id) {
    const row = await db.selectFrom('user_group').selectAll().where('id', '=', id).executeTakeFirst();
    return row && group(row);
  },
  async list() {
    return (await db.selectFrom('user_group').selectAll().orderBy('name_key').execute()).map(group);
  },
  async insert({ nameKey, externalId, ...rest }) {
    const result = await db
      .insertInto('user_group')
      .values({ ...rest, name_key: nameKey, external_id: externalId })
      .onConflict((conflict) => conflict.column('name_key').doNothing())
      .executeTakeFirst();
    return result.numInsertedOrUpdatedRows === 1n;
  },
  async update(id, { name, nameKey, externalId }) {
    const other = await db
      .selectFrom('user_group')
      .select('id')
      .where('name_key', '=', nameKey)
      .where('id', '!=', id)
      .executeTakeFirst();
    if (other) return false;
    const values = { name, name_key: nameKey, external_id: externalId };
    await db.updateTable('user_group').set(values).where('id', '=', id).execute();
    return true;
  },
  async remove(id) {
    await db.deleteFrom('user_group_member').where('group_id', '=', id).execute();
    await db.deleteFrom('user_group').where('id', '=', id).execute();
  },
  async members(id) {
    const rows = await db
      .selectFrom('user_group_member')
      .select('user_id')
      .where('group_id', '=', id)
      .orderBy('user_id')
      .execute();
    return rows.map(({ user_id }) => user_id as UserId);
  },
  async ofUser(user) {
    const rows = await db
      .selectFrom('user_group')
      .innerJoin('user_group_member', 'user_group_member.group_id', 'user_group.id')
      .selectAll('user_group')
      .where('user_group_member.user_id', '=', user)
      .orderBy('user_group.name_key')
      .execute();
    return rows.map(group);
  },
  async addMember(id, user) {
    await db
      .insertInto('user_group_member')
      .values({ group_id: id, user_id: user })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  },
  async removeMember(id, user) {
    await db.deleteFrom('user_group_member').where('group_id', '=', id).where('user_id', '=', user).execute();
  },
  async leaveAll(user) {
    await db.deleteFrom('user_group_member').where('user_id', '=', user).execute();
  }
});

const group = ({ name_key, external_id, ...row }: Selectable<Schema['user_group']>) =>
  ({ ...row, nameKey: name_key, externalId: external_id }) as UserGroupRecord;
