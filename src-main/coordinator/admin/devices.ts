import type { z } from 'zod';
import type { DeviceId, DeviceView } from '../../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Perform } from '../act.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import type { EventStreams } from '../event-streams.ts';
import type { Pairing } from '../pairing/pairing.ts';
import type { PresenceKeeper } from '../presence.ts';
import type { Sessions } from '../sessions.ts';
import { changeSite, chosenSite } from '../sites/sites.ts';
import type { CoordinatorStore, DeviceRecord } from '../store.ts';
import { setSuspended } from '../suspensions.ts';
import { userByName } from '../users/accounts.ts';
import type { AdminArea } from './area.ts';

export interface DeviceHandlerOptions {
  readonly store: CoordinatorStore;
  readonly pairing: Pairing;
  readonly directory: DirectoryKeeper;
  readonly streams: EventStreams;
  readonly presence: Pick<PresenceKeeper, 'seen' | 'condition'>;
  readonly sessions: Sessions;
  readonly perform: Perform;
  readonly clock: Clock;
  /** Cuts every live connection of a device. */
  readonly dropDevice: (device: DeviceId) => void;
}

export function deviceHandlers(options: DeviceHandlerOptions): AdminArea<'pairing' | 'device' | 'mesh'> {
  const { store, pairing, directory, streams, presence, sessions, perform, clock, dropDevice } = options;

  async function views(devices: readonly DeviceRecord[]): Promise<z.infer<typeof DeviceView>[]> {
    const names = await store.tables.devices.ownerNames();
    const suspended = await store.tables.suspensions.all();
    return devices.map(({ id, name, roles, status, owner, url, cloud, certificateExpires, site }) => ({
      id,
      name,
      roles: [...roles],
      status: status === 'approved' && suspended.has(id) ? 'suspended' : status,
      owner: owner === null ? null : (names.get(owner) ?? null),
      url,
      cloud,
      online: streams.isOnline(id),
      certificateExpires: isoTime(certificateExpires),
      site
    }));
  }
  async function view(device: DeviceRecord): Promise<z.infer<typeof DeviceView>> {
    const [only] = await views([device]);
    if (!only) throw new LetterlockError('not-found', 'device');
    return only;
  }
  const refresh = () => directory.refresh();
  const cutOff = async (id: DeviceId) => {
    dropDevice(id);
    await sessions.endOf({ device: id });
  };

  return {
    'admin.pairing.list': async () => pairing.waiting(),
    async 'admin.pairing.approve'({ id, code, owner, cloud = false, site }, actor) {
      const user = owner === undefined ? null : (await userByName(store.tables, owner)).id;
      const approval = { owner: user, cloud, site: await chosenSite(store.tables, site) };
      return view(await pairing.approve(id, code, approval, actor));
    },
    async 'admin.pairing.reject'({ id }, actor) {
      await pairing.reject(id, actor);
      return {};
    },

    'admin.device.list': async () => views(await store.tables.devices.list()),
    async 'admin.device.revoke'({ id }, actor) {
      await perform(actor, async ({ tables, record, after }) => {
        const device = await tables.devices.get(id);
        if (!device) throw new LetterlockError('not-found', 'device');
        if (device.status === 'revoked') return;
        await tables.devices.revoke(id);
        record('device.revoked', id, { name: device.name });
        after(refresh);
        after(() => cutOff(id));
      });
      return {};
    },
    async 'admin.device.suspend'({ id, suspended }, actor) {
      await perform(actor, async (act) => {
        const device = await act.tables.devices.get(id);
        if (device?.status !== 'approved') throw new LetterlockError('not-found', 'device');
        if (!(await setSuspended(act, 'device', { id, suspended, now: clock.now() }))) return;
        act.after(refresh);
        if (suspended) act.after(() => cutOff(id));
      });
      return {};
    },

    'admin.device.cloud': async ({ id, cloud }, actor) =>
      view(
        await perform(actor, async ({ tables, record, after }) => {
          const device = await tables.devices.get(id);
          if (device?.status !== 'approved') throw new LetterlockError('not-found', 'device');
          if (!device.roles.includes('node')) throw new LetterlockError('input-invalid', 'cloud: it is no node');
          if (device.cloud === cloud) return device;
          await tables.devices.setCloud(id, cloud);
          record('device.cloud', id, { cloud });
          after(refresh);
          return { ...device, cloud };
        })
      ),

    'admin.device.move': async ({ id, site }, actor) =>
      view(
        await perform(actor, async (act) => {
          const device = await act.tables.devices.get(id);
          if (device?.status !== 'approved') throw new LetterlockError('not-found', 'device');
          const now = clock.now();
          if (!(await changeSite(act, 'device', device, site, () => act.tables.devices.move(id, site, now))))
            return device;
          act.after(refresh);
          return { ...device, site };
        })
      ),

    async 'admin.mesh.status'() {
      const nodes = (await store.tables.devices.list()).filter(
        ({ status, roles }) => status === 'approved' && roles.includes('node')
      );
      return {
        nodes: (await views(nodes)).map((node) => ({
          ...node,
          seen: presence.seen(node.id),
          condition: presence.condition(node.id) ?? undefined
        }))
      };
    }
  };
}
