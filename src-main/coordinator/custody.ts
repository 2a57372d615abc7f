import type { JobId } from '../../src-preload/contract/index.ts';
import { LetterlockError } from '../base/errors.ts';
import { unwrapSecret, wrapSecret } from './secret-wrap.ts';
import type { Tables } from './store.ts';

/**
 * Standard custody: the job part J of each job that can still be released, under the custody key, apart from the release
 * keys. Who has J can read a title and nothing else of a job.
 */
export interface Custody {
  keep(tables: Tables, job: JobId, jobPart: Uint8Array): Promise<void>;
  /** 32 bytes; wipe them after use. Throws `key-destroyed`. */
  take(tables: Tables, job: JobId): Promise<Uint8Array>;
}

export function createCustody(custodyKey: Uint8Array): Custody {
  const context = (job: JobId) => `job part ${job}`;
  return {
    keep: (tables, job, jobPart) => tables.jobParts.insert(job, wrapSecret(custodyKey, jobPart, context(job))),
    async take(tables, job) {
      const wrapped = await tables.jobParts.get(job);
      if (!wrapped) throw new LetterlockError('key-destroyed', 'job part');
      return unwrapSecret(custodyKey, wrapped, context(job));
    }
  };
}
