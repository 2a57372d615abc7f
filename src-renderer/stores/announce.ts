import type { JobView } from '../../src-preload/contract/index.ts';
import { type Situation, situationOf } from './jobs.ts';

/** What a screen reader should hear: jobs whose situation changed, and new ones. Pure. */
export const changes = (
  before: readonly JobView[],
  after: readonly JobView[]
): { readonly title: string | null; readonly situation: Situation }[] => {
  const known = new Map(before.map((job) => [job.id, situationOf(job)]));
  return after
    .filter((job) => known.get(job.id) !== situationOf(job))
    .map((job) => ({ title: job.title, situation: situationOf(job) }));
};
