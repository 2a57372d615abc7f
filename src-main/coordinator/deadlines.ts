import type { DeviceId } from '../../src-preload/contract/index.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import type { Act, Perform } from './act.ts';
import type { EventStreams } from './event-streams.ts';
import type { JobStep } from './job-state.ts';
import type { JobSteps } from './job-steps.ts';
import type { CoordinatorStore, GrantRecord } from './store.ts';
import type { RemoveUser } from './users/removal.ts';

/**
 * What time alone does: jobs expire, accounts of guests end, claims that were never used lapse, and a release whose node went
 * away without a word is called uncertain. One timer for whatever is due next; nothing is asked for again and again.
 */
export interface Deadlines {
  /** Jobs or grants have changed: look again when the next one is due. */
  rearm(): void;
  /** Begins, with what became due while nothing ran. */
  start(): void;
  /** No more; resolves when what was under way is done. */
  close(): Promise<void>;
}

/** setTimeout's longest is 24 days; looking once a day costs nothing. */
const longestMs = 24 * 3600 * 1000;
const retryMs = 5000;
/** Longer than any delivery is watched: a node that is connected and has said nothing by then will not. */
const silentMs = (limits.printerWatchHours + 1) * 3600 * 1000;

export function createDeadlines(options: {
  readonly store: CoordinatorStore;
  /** Late, because steps rearm deadlines and deadlines take steps. */
  readonly steps: () => JobSteps;
  readonly removeUser: RemoveUser;
  readonly streams: EventStreams;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly logger: Logger;
}): Deadlines {
  const { store, steps, removeUser, streams, perform, clock, logger } = options;
  const lost = new Map<DeviceId, () => void>();
  let stopTimer = () => {};
  let stopWatching = () => {};
  let queue: Promise<void> = Promise.resolve();
  let running = false;

  /** One at a time; a failure (a full disk, say) is tried again later. */
  function enqueue(run: () => Promise<void>): void {
    queue = queue.then(run).catch((error) => {
      logger.error({ error }, 'a deadline could not be kept');
      wake(retryMs);
    });
  }
  function wake(ms: number): void {
    stopTimer();
    if (running) stopTimer = clock.after(Math.min(Math.max(ms, 0), longestMs), () => enqueue(sweep));
  }
  async function arm(): Promise<void> {
    const { jobs, grants, users } = store.tables;
    const silent = (await grants.started()).map(({ issued }) => issued + silentMs);
    const next = [await jobs.nextExpiry(), await grants.nextExpiry(), await users.nextExpiry()];
    const due = [...next, ...silent].filter((time) => time !== undefined);
    if (due.length > 0) wake(Math.min(...due) - clock.now());
  }

  async function sweep(): Promise<void> {
    for (const grant of await store.tables.grants.overdue(clock.now())) await stepOf(grant, 'lapse');
    for (const grant of await store.tables.grants.started())
      if (grant.issued + silentMs <= clock.now()) await stepOf(grant, 'uncertain');
    for (const { id } of await store.tables.users.overdue(clock.now()))
      await perform('coordinator', async (act) => {
        const guest = await act.tables.users.get(id);
        if (guest) await removeUser(act, guest);
      });
    for (const { id } of await store.tables.jobs.overdue(clock.now()))
      await perform('coordinator', async (act) => {
        const job = await act.tables.jobs.get(id);
        if (job && job.state !== 'printing') await steps().take(act, job, { do: 'expire' });
      });
    await arm();
  }

  const stepOf = ({ id, job, fence }: GrantRecord, what: 'lapse' | 'uncertain') =>
    perform('coordinator', async (act) => {
      const record = await act.tables.jobs.get(job);
      const step: JobStep = { do: what, fence };
      if (record && (await isStill(act, id, what === 'lapse' ? 'claimed' : 'started')))
        await steps().take(
          act,
          record,
          step,
          what === 'lapse' ? {} : { code: 'node-unreachable', detail: { grant: id } }
        );
    });

  /** A node that is away for long with a started release may have printed or not. */
  function watch(node: DeviceId): void {
    if (lost.has(node)) return;
    const off = clock.after(limits.lostNodeSeconds * 1000, () => {
      lost.delete(node);
      enqueue(async () => {
        if (streams.isOnline(node)) return;
        for (const grant of await store.tables.grants.started(node)) await stepOf(grant, 'uncertain');
      });
    });
    lost.set(node, off);
  }

  return {
    rearm() {
      if (running) enqueue(arm);
    },
    start() {
      running = true;
      stopWatching = streams.onPresence((node, online) => {
        if (!online) return watch(node);
        lost.get(node)?.();
        lost.delete(node);
      });
      enqueue(async () => {
        for (const { node } of await store.tables.grants.started()) if (!streams.isOnline(node)) watch(node);
        await sweep();
      });
    },
    async close() {
      running = false;
      stopWatching();
      stopTimer();
      for (const off of lost.values()) off();
      lost.clear();
      await queue;
    }
  };
}

const isStill = async (act: Act, id: GrantRecord['id'], state: GrantRecord['state']): Promise<boolean> =>
  (await act.tables.grants.get(id))?.state === state;
