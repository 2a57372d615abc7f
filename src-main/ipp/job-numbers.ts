import type { JobId } from '../../src-preload/contract/ids.ts';
import type { PrintIntake } from './port.ts';

/**
 * job-id (RFC 8011: 1 to 2^31-1) for each JobId: the last 31 bits of the UUID, which are random. So a client that polls
 * across a restart of Letterlock never meets another job under the same number, and nothing needs to be stored.
 */
export function createJobNumbers(intake: Pick<PrintIntake, 'jobs'>) {
  return {
    of: numberOf,
    /** The job with this number among those the intake still knows. */
    find: (number: number): JobId | undefined => intake.jobs().find((job) => numberOf(job.id) === number)?.id
  };
}

const numberOf = (job: JobId): number => Number.parseInt(job.slice(-8), 16) & 0x7fffffff || 1;
