import type { Kysely, Selectable } from 'kysely';
import type { UserId } from '../../../src-preload/contract/index.ts';
import type { DeviceRecord, DeviceTable } from '../../coordinator/store.ts';
import type { Schema } from '../schema.ts';

export const deviceTable = (db: Kysely<Schema>): DeviceTable => ({
  async get(id) {
    const row = await db.selectFrom('device').selectAll().where('id', '=', id).executeTakeFirst();
    return row && record(row);
  },
  async ownerNames() {
    const owners = db.selectFrom('device').select('owner').where('owner', 'is not', null);
    const rows = await db.selectFrom('user').select(['id', 'name']).where('id', 'in', owners).execute();
    return new Map(rows.map(({ id, name }) => [id as UserId, name]));
  },
  async list() {
    return (await db.selectFrom('device').selectAll().orderBy('created').execute()).map(record);
  },
  async insert({ roles, certificateExpires, certificateAuthority, movedFrom, cloud, ...rest }) {
    await db
      .insertInto('device')
      .values({
        ...rest,
        roles: JSON.stringify(roles),
        cloud: cloud ? 1 : 0,
        certificate_expires: certificateExpires,
        certificate_authority: certificateAuthority,
        moved_from: movedFrom
      })
      .execute();
  },
  async revoke(id) {
    await db.updateTable('device').set({ status: 'revoked', url: null }).where('id', '=', id).execute();
  },
  async setCertificateExpires(id, expires) {
    await db.updateTable('device').set({ certificate_expires: expires }).where('id', '=', id).execute();
  },
  async setCertificateAuthority(id, authority) {
    await db.updateTable('device').set({ certificate_authority: authority }).where('id', '=', id).execute();
  },
  async setCloud(id, cloud) {
    await db
      .updateTable('device')
      .set({ cloud: cloud ? 1 : 0 })
      .where('id', '=', id)
      .execute();
  },
  async setUrl(id, url) {
    await db.updateTable('device').set({ url }).where('id', '=', id).execute();
  },
  async move(id, site, at) {
    await db
      .updateTable('device')
      .set((eb) => ({ moved_from: eb.ref('site'), moved: at, site }))
      .where('id', '=', id)
      .execute();
  }
});

const record = ({
  roles,
  certificate_expires,
  certificate_authority,
  moved_from,
  ...row
}: Selectable<Schema['device']>) =>
  ({
    ...row,
    roles: JSON.parse(roles),
    cloud: row.cloud === 1,
    certificateExpires: certificate_expires,
    certificateAuthority: certificate_authority,
    movedFrom: moved_from
  }) as DeviceRecord;
