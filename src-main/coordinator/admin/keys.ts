import { type Clock, isoTime } from '../../base/clock.ts';
import type { Perform } from '../act.ts';
import type { AuthorityRollover } from '../authority-rollover.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import type { KeyRotation } from '../key-rotation.ts';
import type { ReleaseKeys } from '../release-keys.ts';
import type { CoordinatorStore } from '../store.ts';
import { setSuspended } from '../suspensions.ts';
import type { AdminArea } from './area.ts';

export interface KeyHandlerOptions {
  readonly store: CoordinatorStore;
  readonly releaseKeys: ReleaseKeys;
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
  const { store, releaseKeys, rotation, rollover, rotateMaster, directory, perform, clock } = options;
  const organization = directory.current().organization.id;

  return {
    async 'admin.key.list'() {
      const keys = await store.tables.releaseKeys.list();
      const current = await releaseKeys.current(store.tables);
      const jobs = await store.tables.jobs.openByEpoch();
      return keys.map(({ epoch, created, destroyed }) => ({
        epoch,
        created: isoTime(created),
        current: epoch === current.epoch,
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
    'admin.key.rotate': async (_input, actor) => ({ epoch: await perform(actor, rotation.rotate) }),
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
