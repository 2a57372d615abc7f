import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';

/**
 * When each job is due, computed only for what has changed since: in a mesh of hundreds somebody comes or goes all the time, and a look
 * at all jobs for each of them costs more than everything else that a node does. Decides nothing itself.
 */
export interface DueTimes {
  /** Milliseconds since the epoch; Infinity: no need. A time that has come is computed anew. */
  of(job: JobId): number;
  /** Who holds the job has changed. */
  changed(job: JobId): void;
  /** Whether that node is there has changed. */
  moved(node: DeviceId): void;
  /** What counts for all jobs has changed. */
  allChanged(): void;
}

/** Nothing is believed for longer than this. */
const keptMs = 3_600_000;

export function createDueTimes(options: {
  readonly compute: (job: JobId) => number;
  /** The jobs that a node holds too. */
  readonly sharedWith: (node: DeviceId) => readonly JobId[];
  readonly clock: Clock;
}): DueTimes {
  const { compute, sharedWith, clock } = options;
  const times = new Map<JobId, number>();
  let since = clock.now();

  const allChanged = (): void => {
    times.clear();
    since = clock.now();
  };
  return {
    of(job) {
      const now = clock.now();
      if (now - since > keptMs) allChanged();
      const known = times.get(job);
      if (known !== undefined && known > now) return known;
      const at = compute(job);
      times.set(job, at);
      return at;
    },
    changed: (job) => void times.delete(job),
    moved(node) {
      for (const job of sharedWith(node)) times.delete(job);
    },
    allChanged
  };
}
