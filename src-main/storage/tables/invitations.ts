import type { Kysely, Selectable } from 'kysely';
import type { InvitationRecord, InvitationTable } from '../../coordinator/users/tables.ts';
import type { Schema } from '../schema.ts';

export const invitationTable = (db: Kysely<Schema>): InvitationTable => ({
  async get(id) {
    const row = await db.selectFrom('invitation').selectAll().where('id', '=', id).executeTakeFirst();
    return row && invitation(row);
  },
  async bySecretHash(hash) {
    const row = await db.selectFrom('invitation').selectAll().where('secret_hash', '=', hash).executeTakeFirst();
    return row && invitation(row);
  },
  async list() {
    return (await db.selectFrom('invitation').selectAll().orderBy('created', 'desc').execute()).map(invitation);
  },
  async insert({ user, secretHash, mailedTo, ...rest }) {
    await db
      .insertInto('invitation')
      .values({ ...rest, user_id: user, secret_hash: secretHash, mailed_to: mailedTo })
      .execute();
  },
  async setMailedTo(id, address) {
    await db.updateTable('invitation').set({ mailed_to: address }).where('id', '=', id).execute();
  },
  async remove(id) {
    await db.deleteFrom('invitation').where('id', '=', id).execute();
  },
  async removeOf(user) {
    await db.deleteFrom('invitation').where('user_id', '=', user).execute();
  },
  async removeOver(now) {
    await db.deleteFrom('invitation').where('expires', '<=', now).execute();
  }
});

const invitation = ({ user_id, secret_hash, mailed_to, ...row }: Selectable<Schema['invitation']>) =>
  ({ ...row, user: user_id, secretHash: secret_hash, mailedTo: mailed_to }) as InvitationRecord;
