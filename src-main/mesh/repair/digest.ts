import { createHash } from 'node:crypto';
import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import { toBase64url } from '../../base/bytes.ts';
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
  return buckets.map((lines) => toBase64url(createHash('sha256').update(lines.sort().join('')).digest()));
}

export const bucketOf = (job: JobId): number => Number.parseInt(job.slice(0, 1), 16);
