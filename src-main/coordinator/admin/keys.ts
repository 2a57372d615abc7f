import { type Clock, isoTime } from '../../base/clock.ts';
import type { Perform } from '../act.ts';
import type { AuthorityRollover } from '../authority-rollover.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import type { KeyRotation } from '../key-rotation.ts';
import { currentKeys } from '../release-keys.ts';
import { requireSite } from '../sites/sites.ts';
import type { CoordinatorStore } from '../store.ts';
import { setSuspended } from '../suspensions.ts';
import type { AdminArea } from './area.ts';

export interface KeyHandlerOptions {
  readonly store: CoordinatorStore;
  readonly rotation: KeyRotation;
  readonly rollover: AuthorityRollover;
  /** Gives the number of release keys that lie under the new one. */
  readonly rotateMaster: (actor: string) => Promise<number>;
  readonly directory: DirectoryKeeper;
  readonly perform: Perform;
  readonly clock: Clock;
}

/** Release keys, the master key over them, and the certificate authority. Destroying one is for good: no job of its epoch can be opened by anybody any more. */
export function keyHandlers(options: KeyHandlerOptions): AdminArea<'key'> {
  const { store, rotation, rollover, rotateMaster, directory, perform, clock } = options;
  const organization = directory.current().organization.id;

  return {
    async 'admin.key.list'() {
      const keys = await store.tables.releaseKeys.list();
      const current = await currentKeys(store.tables);
      const jobs = await store.tables.jobs.openByEpoch();
      return keys.map(({ epoch, site, created, destroyed }) => ({
        epoch,
        site,
        created: isoTime(created),
        current: current.get(site)?.epoch === epoch,
        destroyed: destroyed !== null,
        jobs: jobs.get(epoch) ?? 0
      }));
    },
    async 'admin.key.status'() {
      const since = (await store.tables.suspensions.all()).get(organization);
      const next = await rotation.nextRotation(store.tables);
      return {
        suspended: since === undefined ? null : isoTime(since),
        rotationDays: await store.tables.organization.keyRotationDays(),
        nextRotation: next === null ? null : isoTime(next)
      };
    },
    async 'admin.key.suspend'({ suspended }, actor) {
      await perform(actor, async (act) => {
        await setSuspended(act, 'organization', { id: organization, suspended, now: clock.now() });
      });
      return {};
    },
    'admin.key.rotate': ({ site }, actor) =>
      perform(actor, async (act) => {
        const wanted = site === undefined ? await act.tables.sites.list() : [await requireSite(act.tables, site)];
        const keys = [];
        for (const { id } of wanted) keys.push({ epoch: await rotation.rotate(act, id), site: id });
        return { epoch: Math.max(...keys.map(({ epoch }) => epoch)), keys };
      }),
    async 'admin.key.schedule'({ rotationDays }, actor) {
      await perform(actor, async ({ tables, record, after }) => {
        await tables.organization.setKeyRotationDays(rotationDays);
        record('key.schedule-changed', organization, { rotationDays });
        after(rotation.rearm);
      });
      return {};
    },
    async 'admin.key.destroy'({ epoch }, actor) {
      await perform(actor, (act) => rotation.destroy(act, epoch));
      return {};
    },
    'admin.key.rotate-master': async (_input, actor) => ({ releaseKeys: await rotateMaster(actor) }),
    async 'admin.key.authority'() {
      const { ends, previous } = await rollover.state();
      return { ends: isoTime(ends), previous: previous && { ends: isoTime(previous.ends), devices: previous.devices } };
    },
    async 'admin.key.renew-authority'(_input, actor) {
      await rollover.renew(actor);
      return {};
    }
  };
}
