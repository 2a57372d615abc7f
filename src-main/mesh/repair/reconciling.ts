import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import { limits } from '../../base/limits.ts';
import { rankNodes } from '../../protocol/placement.ts';
import type { Holdings } from './holdings.ts';
import type { RepairOptions } from './port.ts';
import type { Sync } from './sync.ts';

/**
 * After a start, and after this machine slept: which of the jobs that lie here were erased meanwhile? The coordinator knows, the
 * other holders know, and so do the nodes that keep orders for holders that are away. Until one of them was heard about a job, it is
 * not served.
 *
 * Alone and without the coordinator a node serves after limits.reconcileSeconds all the same: every release needs a grant anyway,
 * which the coordinator gives for no job that has ended, and an offline grant comes from a station that was told of the end or gave
 * the first grant itself. What is left is a job that ended where neither this station nor this node could hear of it; refusing all
 * jobs until the network is back would stop all printing for it.
 */
export interface Reconciling {
  ready(): boolean;
  serves(job: JobId): boolean;
  /** Everything that is held now has to be looked into. */
  begin(): void;
  /** Asks whoever is there now. */
  ask(signal: AbortSignal): Promise<void>;
  close(): void;
}

export function createReconciling(
  options: Pick<RepairOptions, 'self' | 'shelf' | 'coordinator' | 'membership' | 'policy' | 'clock' | 'logger'> & {
    readonly holdings: Holdings;
    readonly sync: Sync;
    readonly onReady: () => void;
  }
): Reconciling {
  const { self, shelf, coordinator, membership, clock, logger, holdings, sync, onReady } = options;
  const open = new Set<JobId>();
  let cancelWait = () => {};

  const settle = (jobs: Iterable<JobId>): void => {
    if (open.size === 0) return;
    for (const job of jobs) open.delete(job);
    for (const job of open) if (!shelf.held.has(job)) open.delete(job);
    if (open.size > 0) return;
    cancelWait();
    onReady();
  };

  async function askCoordinator(signal: AbortSignal): Promise<void> {
    const asked = [...open];
    for (const order of await coordinator.outstanding(signal)) await shelf.obey(order);
    settle(asked);
  }

  /** Whom to ask about which jobs. */
  function knowing(): Map<DeviceId, JobId[]> {
    const asks = new Map<DeviceId, JobId[]>();
    for (const job of open) {
      for (const node of [...holdings.holders(job), ...witnessesOf(job, options)]) {
        const state = membership.member(node)?.state;
        if (node === self || (state !== 'alive' && state !== 'suspect')) continue;
        const jobs = asks.get(node) ?? [];
        if (!jobs.includes(job)) asks.set(node, [...jobs, job]);
      }
    }
    return asks;
  }

  return {
    ready: () => open.size === 0,
    serves: (job) => !open.has(job),
    begin() {
      for (const job of shelf.held.keys()) open.add(job);
      if (open.size === 0) return;
      cancelWait();
      cancelWait = clock.after(limits.reconcileSeconds * 1000, () => {
        logger.warn({ jobs: open.size }, 'nobody says what was erased meanwhile: serving all the same');
        settle([...open]);
      });
    },
    async ask(signal) {
      if (open.size === 0) return;
      if (coordinator.connected()) {
        try {
          return await askCoordinator(signal);
        } catch (error) {
          signal.throwIfAborted();
          logger.warn({ error }, 'the coordinator does not say what was erased meanwhile');
        }
      }
      for (const [node, jobs] of knowing()) {
        try {
          const said = await sync.exchange(node, jobs, signal);
          if (said.ready) settle(said.jobs.map(({ job }) => job));
        } catch (error) {
          signal.throwIfAborted();
          logger.debug({ node, error }, 'a node does not say what was erased meanwhile');
        }
      }
    },
    close: () => cancelWait()
  };
}

/**
 * Who keeps an order for holders that are away: the first by rendezvous hashing, awake or not, so that all agree. Of a job of a site
 * where this node is no more, nobody here does.
 */
export function witnessesOf(job: JobId, { policy, shelf }: Pick<RepairOptions, 'policy' | 'shelf'>): DeviceId[] {
  const site = shelf.held.get(job)?.site;
  if (site !== undefined && site !== policy().site) return [];
  const candidates = policy()
    .nodes()
    .map(({ id, roles }) => ({ id, roles, awake: true, condition: null }));
  const rule = { copies: 0, origin: null, bytes: 0, offlineGrants: false };
  return rankNodes(job, candidates, rule)
    .ranked.slice(0, limits.witnesses)
    .map(({ id }) => id);
}
