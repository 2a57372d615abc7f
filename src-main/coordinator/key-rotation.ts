import type { SiteId } from '../../src-preload/contract/index.ts';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import type { Act, Perform } from './act.ts';
import { currentKeys, type ReleaseKeys } from './release-keys.ts';
import { createSchedule } from './schedule.ts';
import type { CoordinatorStore, ReleaseKeyRecord, Tables } from './store.ts';

/**
 * The life of release keys: a new one when the present one of its site is old enough, and the end of those that no job needs any
 * more. One timer for whatever is due next. Several coordinators may do it at once: each looks again in the transaction.
 */
export interface KeyRotation {
  /** Makes the site's next key; the directory tells everybody. */
  rotate(act: Act, site: SiteId): Promise<number>;
  /** For good; a successor first, if it is the one in use. Throws `not-found`. */
  destroy(act: Act, epoch: number): Promise<void>;
  /** All of a site that is no more. */
  end(act: Act, site: SiteId): Promise<void>;
  /** When the schedule makes the next one, milliseconds; null: nobody has asked for that. */
  nextRotation(tables: Tables): Promise<number | null>;
  /** The schedule has changed; resolves when it counts. */
  rearm(): Promise<void>;
  /** Begins, with what became due while nothing ran. */
  start(): void;
  /** No more; resolves when what was under way is done. */
  close(): Promise<void>;
}

const dayMs = 24 * 3600 * 1000;
/** What was sealed to a key in its last moment, and was then out of reach, is over by then. */
const lastJobMs = limits.holdHours * 3600 * 1000;

export function createKeyRotation(options: {
  readonly store: CoordinatorStore;
  readonly releaseKeys: ReleaseKeys;
  readonly refreshDirectory: () => Promise<void>;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly logger: Logger;
}): KeyRotation {
  const { store, releaseKeys, refreshDirectory, perform, clock, logger } = options;
  const scrub = () => store.scrub();

  const rearmSoon = () => void schedule.rearm(); // not waited for: it may have its turn behind this very act

  async function rotate({ tables, record, after }: Act, site: SiteId): Promise<number> {
    const epoch = await releaseKeys.rotate(tables, site, clock.now());
    record('key.created', `epoch ${epoch}`, { site });
    after(refreshDirectory);
    after(rearmSoon);
    return epoch;
  }

  async function destroy(act: Act, epoch: number): Promise<void> {
    const key = (await act.tables.releaseKeys.list()).find((known) => known.epoch === epoch);
    if (!key) throw new LetterlockError('not-found', 'epoch');
    if (key.destroyed !== null) return;
    if (epoch === (await releaseKeys.current(act.tables, key.site)).epoch) await rotate(act, key.site);
    await discard(act, key);
  }
  async function discard({ tables, record, after }: Act, { epoch, site }: ReleaseKeyRecord): Promise<void> {
    await tables.releaseKeys.destroy(epoch, clock.now());
    record('key.destroyed', `epoch ${epoch}`, { site });
    after(scrub);
  }
  async function end(act: Act, site: SiteId): Promise<void> {
    for (const key of await act.tables.releaseKeys.list())
      if (key.site === site && key.destroyed === null) await discard(act, key);
  }

  /** When the schedule makes each site's next one; none while nobody has asked for that. */
  async function rotations(tables: Tables): Promise<{ site: SiteId; at: number }[]> {
    const days = await tables.organization.keyRotationDays();
    if (days === 0) return [];
    return [...(await currentKeys(tables)).values()].map(({ site, created }) => ({ site, at: created + days * dayMs }));
  }

  async function nextRotation(tables: Tables): Promise<number | null> {
    const next = Math.min(...(await rotations(tables)).map(({ at }) => at));
    return Number.isFinite(next) ? next : null;
  }

  /** Keys that have had a successor for long enough, and when the others will have. */
  async function retirements(tables: Tables): Promise<{ epoch: number; at: number }[]> {
    const keys = await tables.releaseKeys.list();
    return keys.flatMap(({ epoch, destroyed, site }, index) => {
      const successor = keys.slice(index + 1).find((later) => later.site === site);
      return destroyed === null && successor ? [{ epoch, at: successor.created + lastJobMs }] : [];
    });
  }

  async function takeTurn(): Promise<void> {
    await perform('coordinator', async (act) => {
      const now = clock.now();
      for (const { site, at } of await rotations(act.tables)) if (at <= now) await rotate(act, site);
      const jobs = await act.tables.jobs.openByEpoch();
      for (const { epoch, at } of await retirements(act.tables))
        if (at <= now && !jobs.has(epoch) && !jobs.has(null)) await destroy(act, epoch);
    });
  }

  /** What a job still needs is looked at again a day later. */
  async function due(): Promise<number> {
    const now = clock.now();
    const rotation = await nextRotation(store.tables);
    const times = [...(await retirements(store.tables)).map(({ at }) => at), ...(rotation === null ? [] : [rotation])];
    return Math.min(now + dayMs, ...times.filter((at) => at > now));
  }
  const schedule = createSchedule({ what: 'the release keys', turn: takeTurn, due, clock, logger });

  return {
    rotate,
    destroy,
    end,
    nextRotation,
    rearm: schedule.rearm,
    start: schedule.start,
    close: schedule.close
  };
}
