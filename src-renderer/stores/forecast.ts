import type { JobView } from '../../src-preload/contract/index.ts';
import { isFinished } from './jobs.ts';

/**
 * May this computer be closed now? The least safe job decides. `machines`: awake machines, other than this one, that hold each of
 * the jobs counted and aren't about to go; `wanted`: how many should, where that is known. Pure; null when nothing waits.
 */
export type Forecast = {
  readonly kind: 'safe' | 'sealing' | 'outbox' | 'strict' | 'few' | 'asleep';
  readonly count: number;
  readonly machines: number;
  readonly wanted: number;
};

export const forecast = (jobs: readonly JobView[], self: string | null): Forecast | null => {
  const waiting = jobs.filter((job) => !isFinished(job));
  if (waiting.length === 0) return null;
  const awake = (job: JobView) =>
    job.holders.filter(({ id, alive, leaving }) => alive && !leaving && id !== self).length;
  const machines = Math.min(...waiting.map(awake));
  const wanted = Math.max(machines, ...waiting.map((job) => job.forecast?.wanted ?? machines + 1));
  const of = (kind: Forecast['kind'], count = waiting.length): Forecast => ({ kind, count, machines, wanted });

  const sealing = waiting.filter((job) => job.state === 'sealing').length;
  if (sealing > 0) return of('sealing', sealing);
  const outbox = waiting.filter((job) => job.inOutbox && job.holders.length === 0).length;
  if (outbox > 0) return of('outbox', outbox);
  if (waiting.every((job) => job.safeToClose)) return of('safe');
  const strict = waiting.filter(({ custody }) => custody === 'strict').length;
  if (strict > 0 && machines > 0) return of('strict', strict);
  return of(machines === 0 ? 'asleep' : 'few');
};
