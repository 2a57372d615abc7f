import type { PrintedPages } from '../../protocol/print-terms.ts';
import type { Act } from '../act.ts';
import type { GrantRecord, JobRecord } from '../store.ts';
import { decisionsFor, monthOf } from './in-force.ts';

/** Counts one completed print for the owner of the job, in the words of the node that delivered it. */
export async function countPages(
  { tables }: Act,
  { grant, job, printed, now }: { grant: GrantRecord; job: JobRecord; printed: PrintedPages | undefined; now: number }
): Promise<void> {
  const { printer } = grant;
  const user = job.owner;
  const { grey, color } = (await decisionsFor(tables, { user, printer })).pageCost.value;
  await tables.pageCounts.insert({
    ...{ grant: grant.id, job: job.id, user, printer, month: monthOf(now) },
    pages: printed?.pages ?? null,
    from: printed?.from ?? null,
    color: printed?.color ?? false,
    cost: printed ? printed.pages * (printed.color ? color : grey) : 0
  });
}
