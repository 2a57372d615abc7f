import type { z } from 'zod';
import type { GrantId } from '../../../src-preload/contract/index.ts';
import type { OpenClaims } from '../../protocol/offline.ts';
import { stateOf } from '../job-state.ts';
import type { CoordinatorStore } from '../store.ts';

/**
 * Which of a node's claims are over, so that it may say yes to another: those of attempts that came to nothing for certain, and of
 * jobs that have ended. One of a release that is not known here (a station granted it, and its node has not come back to say so)
 * is never over before its job is.
 */
export async function claimsOver(
  { tables }: Pick<CoordinatorStore, 'tables'>,
  { claims }: z.infer<typeof OpenClaims>
): Promise<GrantId[]> {
  const over: GrantId[] = [];
  for (const { job: id, grant } of claims) {
    const job = await tables.jobs.get(id);
    if (!job) continue;
    const attempts = await tables.grants.ofJob(id);
    const state = stateOf({ closed: job.closed, attempts });
    const attempt = attempts.find((one) => one.id === grant);
    const ended = state === 'completed' || state === 'canceled' || state === 'expired';
    if (ended || attempt?.state === 'lapsed' || attempt?.state === 'failed') over.push(grant);
  }
  return over;
}
