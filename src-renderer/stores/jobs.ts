import type { JobView, PrinterView } from '../../src-preload/contract/index.ts';

/** What a job's state means on a screen: one kind for each thing worth saying differently. Pure. */
export const situations = [
  'sealing',
  'outbox',
  'held',
  'unreachable',
  'releasing',
  'printing',
  'completed',
  'uncertain',
  'canceled',
  'expired',
  'failed'
] as const;
export type Situation = (typeof situations)[number];

export const situationOf = (job: JobView): Situation => {
  switch (job.state) {
    case 'held':
      if (job.inOutbox && job.holders.length === 0) return 'outbox';
      return job.holders.some((holder) => holder.alive) ? 'held' : 'unreachable';
    case 'released':
      return 'releasing';
    case 'aborted':
      return 'failed';
    default:
      return job.state;
  }
};

const finished: readonly Situation[] = ['completed', 'canceled', 'expired', 'failed'];
export const isFinished = (job: JobView): boolean => finished.includes(situationOf(job));

/** A job that only waits on this machine has nobody who could open it yet. */
export const canRelease = (job: JobView): boolean => {
  if (job.state === 'uncertain') return true;
  return job.state === 'held' && (!job.inOutbox || job.holders.some((holder) => holder.alive));
};

export const canCancel = (job: JobView): boolean =>
  job.state === 'sealing' || job.state === 'held' || job.state === 'uncertain';

/** 0 to 1; null while the length is unknown, undefined where nothing moves. */
export const fractionOf = (job: JobView): number | null | undefined => {
  if (!job.progress) return undefined;
  const { bytes, total } = job.progress;
  return total ? Math.min(1, bytes / total) : null;
};

export type Grade = 'secure' | 'plain' | 'blocked';
/** How a document would travel to this printer. */
export const gradeOf = (printer: PrinterView): Grade => {
  if (printer.secure) return 'secure';
  return printer.grade === 'ipps-required' ? 'blocked' : 'plain';
};
