import { LetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import { Manifest } from '../sealing/manifest.ts';
import type { JobRecord } from './store.ts';

/** The manifest of a registered job: its signature was checked when it came in. */
export function storedManifest(job: Pick<JobRecord, 'manifest'>): Manifest {
  try {
    return Manifest.parse(JSON.parse(Buffer.from(decoded(job.manifest)).toString('utf8')));
  } catch (cause) {
    throw new LetterlockError('storage-damaged', 'manifest', { cause });
  }
}
