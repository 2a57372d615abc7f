import { finalJobStates } from '../../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { cloudAllowed } from '../../protocol/cloud.ts';
import { siteOf } from '../../protocol/sites.ts';
import type { Perform } from '../act.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import { erasuresOf } from '../erasures.ts';
import type { EventStreams } from '../event-streams.ts';
import type { JobRegistry } from '../job-registry.ts';
import { storedManifest } from '../manifests.ts';
import type { PresenceKeeper } from '../presence.ts';
import type { CoordinatorStore, JobRecord } from '../store.ts';
import { setSuspended } from '../suspensions.ts';
import type { AdminArea } from './area.ts';
import { placementNow } from './job-placement.ts';

export interface JobHandlerOptions {
  readonly store: CoordinatorStore;
  readonly registry: JobRegistry;
  readonly streams: EventStreams;
  readonly directory: DirectoryKeeper;
  readonly presence: Pick<PresenceKeeper, 'condition'>;
  readonly perform: Perform;
  readonly clock: Clock;
}

/** Sizes and states, never titles: the coordinator has none. */
export function jobHandlers(options: JobHandlerOptions): AdminArea<'job'> {
  const { store, registry, streams, directory, presence, perform, clock } = options;
  const { tables } = store;

  async function views(jobs: readonly JobRecord[]) {
    const [suspended, users, devices, printers] = await Promise.all([
      tables.suspensions.all(),
      tables.users.list(),
      tables.devices.list(),
      tables.printers.list()
    ]);
    const named = <Id>(records: readonly { id: Id; name: string }[]) => new Map(records.map((r) => [r.id, r.name]));
    const [userNames, deviceNames, printerNames] = [named(users), named(devices), named(printers)];
    return Promise.all(
      jobs.map(async (job) => ({
        id: job.id,
        state: job.state,
        owner: userNames.get(job.owner) ?? job.owner,
        size: job.size,
        created: isoTime(job.created),
        expires: isoTime(job.expires),
        holders: (await tables.holders.of(job.id)).map((id) => ({
          id,
          name: deviceNames.get(id) ?? id,
          alive: streams.isOnline(id)
        })),
        printer: job.printer && (printerNames.get(job.printer) ?? null),
        grant: (await tables.grants.ofJob(job.id)).at(-1)?.id ?? null,
        suspended: suspended.has(job.id)
      }))
    );
  }

  return {
    async 'admin.job.list'({ before }) {
      const last = before && (await tables.jobs.get(before));
      if (before && !last) throw new LetterlockError('not-found', 'job');
      return views(await tables.jobs.list(limits.listedJobs, last));
    },
    async 'admin.job.show'({ id }) {
      const job = await tables.jobs.get(id);
      const [view] = job ? await views([job]) : [];
      if (!job || !view) throw new LetterlockError('not-found', 'job');
      const manifest = storedManifest(job);
      const known = directory.current();
      const { devices, policy } = known;
      const nodes = devices.filter(
        (node) =>
          node.status === 'approved' &&
          node.roles.includes('node') &&
          node.url !== null &&
          siteOf(known, node) === manifest.site
      );
      const terms = {
        offlineGrants: policy.offlineHours > 0,
        cloudNodes: cloudAllowed(known, manifest),
        copies: manifest.copies ?? policy.replicas,
        isOnline: streams.isOnline,
        condition: presence.condition
      };
      const holders = await tables.holders.of(id);
      const why = finalJobStates.includes(job.state) ? [] : placementNow(manifest, nodes, { ...terms, holders });
      return { ...view, custody: manifest.custody, erasures: await erasuresOf(tables, id), why };
    },
    async 'admin.job.cancel'({ id }, actor) {
      await registry.cancel(id, { admin: actor });
      return {};
    },
    async 'admin.job.suspend'({ id, suspended }, actor) {
      await perform(actor, async (act) => {
        if (!(await act.tables.jobs.get(id))) throw new LetterlockError('not-found', 'job');
        await setSuspended(act, 'job', { id, suspended, now: clock.now() });
      });
      return {};
    }
  };
}
