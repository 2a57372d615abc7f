import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import type { Act, Perform } from '../act.ts';
import type { Changes } from '../changes.ts';
import { policyInForce } from '../policy/in-force.ts';
import type { CoordinatorStore, Tables } from '../store.ts';
import { currentOfflineKey, type OfflineKeys } from './keys.ts';

/**
 * Keeps the offline keys as the policy and the list of machines want them, looked at anew after each change of either and at the
 * start, so that nothing is lost with a crash in between: a key while the policy wants one; another one when a station that has it
 * is not approved any more; none when the policy is switched off; and the end of those that no job can need any more.
 */
export interface OfflineUpkeep {
  /** Looks now; resolves when what was due is done. */
  look(): Promise<void>;
  close(): Promise<void>;
}

/** No job lives longer. */
const lastJobMs = limits.holdHours * 3_600_000;
const againMs = 3_600_000;

export function createOfflineUpkeep(options: {
  readonly store: CoordinatorStore;
  readonly keys: OfflineKeys;
  readonly changes: Changes;
  readonly refreshDirectory: () => Promise<void>;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly logger: Logger;
}): OfflineUpkeep {
  const { store, keys, changes, refreshDirectory, perform, clock, logger } = options;
  let looking = Promise.resolve();
  let stopTimer = () => {};

  async function lookOnce(): Promise<void> {
    if (!(await isDue(store.tables, clock.now()))) return;
    await perform('coordinator', async (act) => {
      const now = clock.now();
      const { settings } = await policyInForce(act.tables);
      const lost = await lostCapsules(act.tables);
      for (const { station } of lost) await act.tables.capsules.remove(station);
      const current = await currentOfflineKey(act.tables);
      if (settings.offlineHours === 0) await endAll(act, now);
      else if (!current || lost.length > 0) {
        const epoch = await keys.rotate(act.tables, now);
        act.record('offline.key-created', `epoch ${epoch}`, { lost: lost.map(({ station }) => station) });
        act.after(refreshDirectory);
      }
      for (const { epoch } of await overdue(act.tables, now)) await end(act, epoch);
    });
  }
  const scrub = () => store.scrub();

  async function endAll(act: Act, now: number): Promise<void> {
    for (const { epoch, wrapped, retired } of await act.tables.offlineKeys.list()) {
      if (retired === null) await act.tables.offlineKeys.retire(epoch, now);
      if (wrapped) await end(act, epoch);
    }
    for (const { station } of await act.tables.capsules.list()) await act.tables.capsules.remove(station);
    act.after(refreshDirectory);
  }
  async function end(act: Act, epoch: number): Promise<void> {
    await act.tables.offlineKeys.destroy(epoch);
    act.record('offline.key-destroyed', `epoch ${epoch}`);
    act.after(scrub);
  }

  const look = () => {
    looking = looking.then(lookOnce).catch((error: unknown) => {
      logger.error({ error }, 'the offline keys could not be looked after');
    });
    return looking;
  };
  const tick = () => {
    void look();
    stopTimer = clock.after(againMs, tick);
  };
  const offChange = changes.onChange(({ changes: all }) => {
    if (all.some(({ area }) => area === 'policy' || area === 'device')) void look();
  });
  tick();

  return {
    look,
    async close() {
      offChange();
      stopTimer();
      await looking;
    }
  };
}

async function isDue(tables: Tables, now: number): Promise<boolean> {
  const { settings } = await policyInForce(tables);
  const all = await tables.offlineKeys.list();
  const left = all.some(({ wrapped }) => wrapped !== null);
  if (settings.offlineHours === 0) return left || (await tables.capsules.list()).length > 0;
  const current = all.some(({ retired }) => retired === null);
  return !current || (await lostCapsules(tables)).length > 0 || (await overdue(tables, now)).length > 0;
}

/** Of stations that are not approved any more, whether or not what they have is over by the clock: a thief does not look at it. */
async function lostCapsules({ capsules, devices, suspensions }: Tables) {
  const [all, machines, suspended] = [await capsules.list(), await devices.list(), await suspensions.all()];
  const approved = new Set(
    machines.flatMap(({ id, status }) => (status === 'approved' && !suspended.has(id) ? id : []))
  );
  return all.filter(({ station }) => !approved.has(station));
}

const overdue = async ({ offlineKeys }: Tables, now: number) =>
  (await offlineKeys.list()).filter(
    ({ wrapped, retired }) => wrapped !== null && retired !== null && retired + lastJobMs <= now
  );
