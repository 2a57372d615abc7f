import type { JobId } from '../../../src-preload/contract/ids.ts';
import { isoTime } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Holdings } from './holdings.ts';
import type { RepairOptions } from './port.ts';
import type { Sync } from './sync.ts';

/**
 * Reads every replica through once in limits.scrubSeconds, one at a time. A rotten one is removed if another holder is awake, and the
 * others are told: they make it anew. The last one stays: what is left of it is better than nothing.
 */
export interface Scrubbing {
  /** The replica not looked at for longest, and when its turn is. */
  next(): { readonly job: JobId; readonly at: number } | null;
  scrub(job: JobId, signal: AbortSignal): Promise<void>;
}

export function createScrubbing(
  options: Pick<RepairOptions, 'self' | 'shelf' | 'membership' | 'clock' | 'logger'> & {
    readonly holdings: Holdings;
    readonly sync: Sync;
  }
): Scrubbing {
  const { self, shelf, membership, clock, logger, holdings, sync } = options;

  const lastLook = (job: JobId): number => {
    const { scrubbed } = holdings.upkeep(job);
    return scrubbed === null ? (shelf.held.get(job)?.committed ?? 0) : Date.parse(scrubbed);
  };

  return {
    next() {
      let oldest: { job: JobId; at: number } | null = null;
      for (const job of shelf.held.keys()) {
        const at = lastLook(job) + limits.scrubSeconds * 1000;
        if (!oldest || at < oldest.at) oldest = { job, at };
      }
      return oldest;
    },
    async scrub(job, signal) {
      const others = holdings.holders(job).filter((node) => node !== self);
      const isWhole = await shelf.isWhole(job, signal);
      if (!shelf.held.has(job)) return;
      const looked = { scrubbed: isoTime(clock.now()) };
      if (isWhole) return holdings.change(job, looked);
      const awake = others.filter((node) => membership.member(node)?.state === 'alive');
      logger.error({ job, others: awake.length }, 'a replica is rotten');
      if (awake.length === 0) return holdings.change(job, looked);
      await shelf.discard(job);
      await Promise.allSettled(awake.map((node) => sync.exchange(node, [job], signal)));
    }
  };
}
