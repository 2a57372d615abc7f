import { z } from 'zod';
import { GrantId, type JobId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { openDurableLog } from '../../base/durable-log.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { Claim } from '../../protocol/offline.ts';

/**
 * To which release of each job this node has said yes. A log of JSON lines, each durable before the answer goes out: a vote that
 * could be forgotten would be none. Rewritten at the start without claims whose job is over.
 */
export interface ClaimBook {
  get(job: JobId): Claim | undefined;
  all(): Claim[];
  /** In place of an earlier one of the job. Durable when it resolves. Throws `rate-limited` when there are too many. */
  add(claim: Claim): Promise<void>;
  /** Nothing happens when it is not the present one. */
  forget(job: JobId, grant: GrantId): Promise<void>;
  close(): Promise<void>;
}

const Line = z.union([Claim, z.object({ over: GrantId })]);

export async function openClaimBook(path: string, clock: Clock): Promise<ClaimBook> {
  const claims = new Map<JobId, Claim>();
  const log = await openDurableLog(path, Line, (lines) => {
    for (const line of lines) {
      if (!('over' in line)) claims.set(line.job, line);
      else for (const { job, grant } of claims.values()) if (grant === line.over) claims.delete(job);
    }
    for (const { job, expires } of claims.values()) if (Date.parse(expires) <= clock.now()) claims.delete(job);
    return [...claims.values()];
  });

  return {
    get: (job) => claims.get(job),
    all: () => [...claims.values()],
    async add(claim) {
      if (claims.size >= limits.claims && !claims.has(claim.job)) throw new LetterlockError('rate-limited', 'claims');
      // Remembered at once, so that nobody else gets a yes while this one is on its way to the disk, or may have got there.
      claims.set(claim.job, claim);
      await log.append(claim);
    },
    async forget(job, grant) {
      if (claims.get(job)?.grant !== grant) return;
      await log.append({ over: grant });
      claims.delete(job);
    },
    close: log.close
  };
}
