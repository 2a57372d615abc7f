import type { DeviceId, SiteId } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import type { Act, Perform } from '../act.ts';
import type { Changes } from '../changes.ts';
import { policyInForce } from '../policy/in-force.ts';
import type { CoordinatorStore, Tables } from '../store.ts';
import { currentOfflineKeys, type OfflineKeys } from './keys.ts';

/**
 * Keeps the offline keys as the policy and the list of machines want them, looked at anew after each change of either and at the
 * start, so that nothing is lost with a crash in between: a key for each site while the policy wants one; another one when a station
 * that has it is not approved any more, or not of that site; none when the policy is switched off; and the end of those that no job can need any more.
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
      if (settings.offlineHours === 0) await endAll(act, now);
      else for (const site of await sitesInNeed(act.tables, lost)) await makeKey(act, site, lost, now);
      for (const { epoch } of await overdue(act.tables, now)) await end(act, epoch);
    });
  }
  const scrub = () => store.scrub();

  async function makeKey(act: Act, site: SiteId, lost: readonly LostCapsule[], now: number): Promise<void> {
    const epoch = await keys.rotate(act.tables, site, now);
    const stations = lost.flatMap((capsule) => (capsule.site === site ? capsule.station : []));
    act.record('offline.key-created', `epoch ${epoch}`, { site, lost: stations });
    act.after(refreshDirectory);
  }

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
    if (all.some(({ area }) => area === 'policy' || area === 'device' || area === 'site')) void look();
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
  const lost = await lostCapsules(tables);
  return lost.length > 0 || (await sitesInNeed(tables, lost)).length > 0 || (await overdue(tables, now)).length > 0;
}

interface LostCapsule {
  readonly station: DeviceId;
  /** Whose keys are in it. */
  readonly site: SiteId | undefined;
}

/**
 * Of stations that are not approved any more, or not of that site, whether or not what they have is over by the clock: a thief does
 * not look at it.
 */
async function lostCapsules({ capsules, devices, suspensions, offlineKeys }: Tables): Promise<LostCapsule[]> {
  const [machines, suspended, keys] = [await devices.list(), await suspensions.all(), await offlineKeys.list()];
  const approved = machines.filter(({ id, status }) => status === 'approved' && !suspended.has(id));
  const siteOf = new Map(approved.map(({ id, site }) => [id, site]));
  return (await capsules.list())
    .map(({ station, epoch }) => ({ station, site: keys.find((key) => key.epoch === epoch)?.site }))
    .filter(({ station, site }) => site === undefined || siteOf.get(station) !== site);
}

/** Without a key, or with one that a lost station has. */
async function sitesInNeed(tables: Tables, lost: readonly LostCapsule[]): Promise<SiteId[]> {
  const current = await currentOfflineKeys(tables);
  const sites = (await tables.sites.list()).map(({ id }) => id);
  return sites.filter((site) => !current.has(site) || lost.some((capsule) => capsule.site === site));
}

const overdue = async ({ offlineKeys }: Tables, now: number) =>
  (await offlineKeys.list()).filter(
    ({ wrapped, retired }) => wrapped !== null && retired !== null && retired + lastJobMs <= now
  );
