import type { z } from 'zod';
import type { UserId } from '../../src-preload/contract/index.ts';
import { wipe } from '../base/bytes.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { decoded } from '../identity/base64url.ts';
import type { SessionJob } from '../protocol/device-api.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import { sealMetadataKey } from '../sealing/metadata.ts';
import type { Custody } from './custody.ts';
import type { DirectoryKeeper } from './directory-keeper.ts';
import { storedManifest } from './manifests.ts';
import { usableHolders } from './policy/cloud-nodes.ts';
import type { CoordinatorStore, JobRecord } from './store.ts';
import { ownersFor } from './users/delegates.ts';

/**
 * The jobs of the user who is signed in at a device (at a station also those of people who let them release theirs), each with
 * the key of its sealed title for that device alone. The title itself lies with the nodes; the coordinator never has it.
 */
export type SessionJobs = (user: UserId, reader: DirectoryDevice) => Promise<z.infer<typeof SessionJob>[]>;

export function createSessionJobs(options: {
  readonly store: CoordinatorStore;
  readonly custody: Custody;
  readonly directory: DirectoryKeeper;
  readonly clock: Clock;
}): SessionJobs {
  const { store, custody, directory, clock } = options;

  return async (user, reader) => {
    const others = reader.roles.includes('station') ? await ownersFor(store.tables, user, clock.now()) : [];
    const jobs = await store.tables.jobs.openOfOwner(user, limits.listedJobs);
    for (const { id } of others) jobs.push(...(await store.tables.jobs.openOfOwner(id, limits.listedJobs)));
    const names = new Map(others.map(({ id, name }) => [id, name]));
    const suspended = await store.tables.suspensions.all();
    const mayRead = (job: JobRecord) => !suspended.has(directory.current().organization.id) && !suspended.has(job.id);
    return Promise.all(
      jobs.slice(0, limits.listedJobs).map(async (job) => ({
        id: job.id,
        owner: names.get(job.owner),
        state: job.state,
        size: job.size,
        created: isoTime(job.created),
        expires: isoTime(job.expires),
        holders: usableHolders(await store.tables.holders.of(job.id), directory, storedManifest(job)),
        custody: storedManifest(job).custody,
        metadataKey: mayRead(job) ? await metadataKeyFor(job, reader) : null
      }))
    );
  };

  async function metadataKeyFor(job: JobRecord, reader: DirectoryDevice) {
    const jobPart = await custody.take(store.tables, job.id).catch(() => null);
    if (!jobPart) return null;
    try {
      return await sealMetadataKey(jobPart, {
        job: job.id,
        reader: { id: reader.id, sealingPublicKey: decoded(reader.sealing) }
      });
    } finally {
      wipe(jobPart);
    }
  }
}
