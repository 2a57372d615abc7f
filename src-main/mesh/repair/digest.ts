import { hash } from 'node:crypto';
import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import { digestBuckets } from '../../protocol/repair.ts';

/** A job and who holds it. */
export interface Entry {
  readonly job: JobId;
  readonly holders: readonly DeviceId[];
}

/** The same for both sides when they know the same: independent of the order in which they learned it. */
export function digestOf(entries: readonly Entry[]): string[] {
  const buckets: string[][] = Array.from({ length: digestBuckets }, () => []);
  for (const { job, holders } of entries) buckets[bucketOf(job)]?.push(`${job} ${[...holders].sort().join(' ')}\n`);
  return buckets.map((lines) => (lines.length === 0 ? empty : sha256(lines.sort().join(''))));
}

const sha256 = (text: string): string => hash('sha256', text, 'base64url');
const empty = sha256('');

export const bucketOf = (job: JobId): number => Number.parseInt(job.slice(0, 1), 16);
