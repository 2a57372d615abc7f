import type { DeviceId, JobId } from '../../src-preload/contract/index.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { Signed } from '../identity/signed-statement.ts';
import type { DirectoryKeeper } from './directory-keeper.ts';
import type { EventStreams } from './event-streams.ts';
import { storedManifest } from './manifests.ts';
import { usableHolders } from './policy/cloud-nodes.ts';
import { lastRefusal } from './policy/history.ts';
import type { CoordinatorStore } from './store.ts';

/**
 * Tells devices what concerns them: the printing device the state of its jobs, the holders what to erase. All through one
 * queue, and each word is read from the database when its turn comes, so the last word about a job is always the newest.
 */
export interface JobEvents {
  /** To the device that printed it. */
  changed(job: JobId): void;
  /** To a holder, unless it has confirmed the order already. */
  erase(node: DeviceId, job: JobId): void;
  /** Another coordinator changed it: both of the above, for those that are connected here. */
  heard(job: JobId): void;
  /** Orders to erase that a node has not confirmed: the first so many. */
  outstanding(node: DeviceId): Promise<Signed[]>;
  /** Everything that a device which has just connected must know. */
  greet(device: DeviceId): void;
  /** Resolves when all that was asked for so far is said. */
  settled(): Promise<void>;
}

/** A client that was away learns how its jobs ended. */
const recentMs = 7 * 24 * 3600 * 1000;

export function createJobEvents(options: {
  readonly store: CoordinatorStore;
  readonly directory: DirectoryKeeper;
  readonly streams: EventStreams;
  readonly clock: Clock;
  readonly logger: Logger;
}): JobEvents {
  const { store, directory, streams, clock, logger } = options;
  let queue: Promise<void> = Promise.resolve();
  const enqueue = (run: () => Promise<void>) => {
    queue = queue.then(run).catch((error) => logger.error({ error }, 'an event could not be told'));
  };

  async function tellJob(id: JobId): Promise<void> {
    const job = await store.tables.jobs.get(id);
    if (!job || !streams.isHere(job.device)) return;
    const holders = await store.tables.holders.of(id);
    const printer = job.printer && (await store.tables.printers.get(job.printer));
    const detail = job.code === 'policy-refused' ? await lastRefusal(store.tables, id) : undefined;
    streams.send(job.device, {
      type: 'job',
      id,
      state: job.state,
      holders: usableHolders(holders, directory, storedManifest(job)),
      printer: printer ? printer.name : null,
      ...(job.code === null ? {} : { code: job.code }),
      ...(detail === undefined ? {} : { detail })
    });
  }

  const ordersTo = async (node: DeviceId, job?: JobId): Promise<Signed[]> =>
    (await store.tables.holders.outstanding(node, job)).map((text) => Signed.parse(JSON.parse(text)));

  async function tellErase(node: DeviceId, job?: JobId): Promise<void> {
    if (!streams.isHere(node)) return;
    for (const order of await ordersTo(node, job)) streams.send(node, { type: 'erase', order });
  }

  return {
    changed: (job) => enqueue(() => tellJob(job)),
    erase: (node, job) => enqueue(() => tellErase(node, job)),
    heard: (job) =>
      enqueue(async () => {
        await tellJob(job);
        for (const node of await store.tables.holders.of(job)) await tellErase(node, job);
      }),
    outstanding: async (node) => (await ordersTo(node)).slice(0, limits.openJobs),
    greet: (device) =>
      enqueue(async () => {
        await tellErase(device);
        const since = clock.now() - recentMs;
        for (const job of await store.tables.jobs.recentOfDevice(device, since, limits.openJobs)) await tellJob(job.id);
      }),
    settled: () => queue
  };
}
