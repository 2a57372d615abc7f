import type { z } from 'zod';
import type { GrantId } from '../../../src-preload/contract/index.ts';
import type { OpenClaims } from '../../protocol/offline.ts';
import type { AttemptState } from '../job-state.ts';
import type { CoordinatorStore } from '../store.ts';

/**
 * Which of a node's claims are over, so that it may say yes to another: those of attempts that came to nothing for certain. One of a
 * release that is not known here (a station granted it, and its node has not come back to say so) is not. Nor is one of a job that has
 * ended: a holder that was away does not know that yet, and a station beside it doesn't either.
 */
export async function claimsOver(
  { tables }: Pick<CoordinatorStore, 'tables'>,
  { claims }: z.infer<typeof OpenClaims>
): Promise<GrantId[]> {
  const over: GrantId[] = [];
  for (const { job, grant } of claims) {
    const attempt = (await tables.grants.ofJob(job)).find(({ id }) => id === grant);
    if (cameToNothing(attempt?.state)) over.push(grant);
  }
  return over;
}

/** Nothing was printed under it, and nothing will be. */
export const cameToNothing = (attempt: AttemptState | undefined): boolean =>
  attempt === 'lapsed' || attempt === 'failed';
