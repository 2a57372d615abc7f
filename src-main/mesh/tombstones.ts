import { z } from 'zod';
import { JobId } from '../../src-preload/contract/ids.ts';
import type { Clock } from '../base/clock.ts';
import { openDurableLog } from '../base/durable-log.ts';
import { limits } from '../base/limits.ts';
import { Signed } from '../identity/signed-statement.ts';
import { ErasureReceipt } from '../protocol/device-api.ts';

/**
 * Which jobs were erased here, so that none comes back, and which of that the coordinator has not heard yet. A log of JSON
 * lines: each is durable before anything is erased; rewritten at start-up without what has served its time.
 */
export const Tombstone = z.object({
  job: JobId,
  reason: ErasureReceipt.shape.reason,
  at: z.iso.datetime(),
  /** The coordinator's signed order, to be shown to others. Absent: its time was over, which its manifest says. */
  order: Signed.optional(),
  /** Never held here: kept for a holder that is away. */
  witness: z.literal(true).optional()
});
export type Tombstone = z.infer<typeof Tombstone>;
const Line = z.union([Tombstone, z.object({ job: JobId, reported: z.literal(true) })]);

export interface Tombstones {
  has(job: JobId): boolean;
  /** The coordinator's order, if there was one. */
  order(job: JobId): Signed | null;
  /** Of jobs that were never held here. */
  witnessed(): number;
  /** Durable when it resolves: nothing of the job may be taken in any more. */
  add(tombstone: Tombstone): Promise<void>;
  /** Nothing of the job is left: that may be said. */
  erased(job: JobId): void;
  /** The coordinator has heard it. */
  reported(job: JobId): Promise<void>;
  /** Oldest first. After a start: everything not reported, because the store erases before it opens. */
  unreported(): Tombstone[];
  close(): Promise<void>;
}

/** No manifest is accepted that lives longer, so a tombstone need not either. */
const keptMs = (limits.holdHours + 24) * 3_600_000;

export async function openTombstones(path: string, clock: Clock): Promise<Tombstones> {
  const all = new Map<JobId, Tombstone>();
  const unreported = new Set<JobId>();
  const witnesses = new Set<JobId>();
  const log = await openDurableLog(path, Line, (lines) => {
    for (const line of lines) {
      if ('reported' in line) {
        unreported.delete(line.job);
      } else {
        all.set(line.job, line);
        if (!line.witness) unreported.add(line.job);
      }
    }
    for (const { job, at } of all.values()) {
      if (!unreported.has(job) && Date.parse(at) + keptMs < clock.now()) all.delete(job);
    }
    for (const { job, witness } of all.values()) if (witness) witnesses.add(job);
    return [...all.values()].flatMap((each) =>
      unreported.has(each.job) || each.witness ? [each] : [each, { job: each.job, reported: true as const }]
    );
  });

  return {
    has: (job) => all.has(job),
    order: (job) => all.get(job)?.order ?? null,
    witnessed: () => witnesses.size,
    async add(tombstone) {
      all.set(tombstone.job, tombstone);
      if (tombstone.witness) witnesses.add(tombstone.job);
      await log.append(tombstone);
    },
    erased(job) {
      unreported.add(job);
    },
    async reported(job) {
      unreported.delete(job);
      await log.append({ job, reported: true });
    },
    unreported: () => [...all.values()].filter(({ job }) => unreported.has(job)),
    close: log.close
  };
}
