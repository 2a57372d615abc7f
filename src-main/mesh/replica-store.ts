import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DeviceId, JobId, type SiteId, type UserId } from '../../src-preload/contract/index.ts';
import { readJson, syncFolder, writeJsonAtomic } from '../base/atomic-file.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { Upkeep } from '../protocol/repair.ts';
import { type Envelope, isWhole, readEnvelope, readManifest } from './envelope.ts';
import type { Replica } from './ports.ts';

/**
 * Replicas on disk. A replica is there when its folder stands under `replicas`: the rename that puts it there comes after
 * everything in it is durable. What is only half there at start-up was never promised to anybody and is removed; what was
 * whole once and is not any more is set aside.
 *
 *   replicas/<job>/{blob,envelope.json,upkeep.json}    staging/<job>-<random>/blob    damaged/<job>-<random>/
 */
export interface ReplicaStore {
  /** What is held. */
  readonly held: ReadonlyMap<JobId, HeldJob>;
  /** A new folder for an upload. */
  stage(job: JobId): Promise<string>;
  unstage(folder: string): Promise<void>;
  /** Makes a staged blob and its envelope a replica, durably. */
  admit(folder: string, job: JobId, envelope: Envelope): Promise<void>;
  /** Throws `storage-damaged`. */
  replica(job: JobId): Promise<Replica | undefined>;
  /** What was written down about a replica; null when nothing was, or it cannot be read. */
  readUpkeep(job: JobId): Promise<Upkeep | null>;
  /** Nothing happens when the job is not held. */
  writeUpkeep(job: JobId, upkeep: Upkeep): Promise<void>;
  /** Overwrites the sealed key, then removes everything of the job, damaged remains too. */
  destroy(job: JobId): Promise<void>;
}

export interface HeldJob {
  /** The device that printed it, and for whom. */
  readonly device: DeviceId;
  readonly owner: UserId;
  /** Whose mesh keeps it. */
  readonly site: SiteId;
  /** Milliseconds since the Unix epoch. */
  readonly expires: number;
  readonly committed: number;
  /** Of the blob. */
  readonly sha256: string;
  readonly blobSize: number;
  /** How many replicas there are to be, where its manifest says so. */
  readonly copies?: number | undefined;
}

export async function openReplicaStore(
  dataDir: string,
  { isErased, logger }: { readonly isErased: (job: JobId) => boolean; readonly logger: Logger }
): Promise<ReplicaStore> {
  const replicas = join(dataDir, 'replicas');
  const staging = join(dataDir, 'staging');
  const damaged = join(dataDir, 'damaged');
  const held = new Map<JobId, HeldJob>();

  await rm(staging, { recursive: true, force: true });
  for (const folder of [replicas, staging, damaged]) await mkdir(folder, { recursive: true, mode: 0o700 });
  await syncFolder(dataDir);
  for (const name of await readdir(replicas)) await takeStock(name);
  for (const name of await readdir(damaged)) {
    const job = JobId.safeParse(name.slice(0, uuidLength)).data;
    if (job && isErased(job)) await destroy(job);
  }

  async function takeStock(name: string): Promise<void> {
    const folder = join(replicas, name);
    const job = JobId.safeParse(name).data;
    if (job && isErased(job)) return destroy(job);
    const envelope = await readEnvelope(folder);
    if (job && envelope && (await isWhole(folder, job, envelope))) return remember(job, envelope);
    logger.error({ replica: name }, 'a replica is damaged and was set aside');
    await rename(folder, join(damaged, `${name}-${randomBytes(4).toString('hex')}`));
    await syncFolder(damaged);
    await syncFolder(replicas);
  }

  function remember(job: JobId, envelope: Envelope): void {
    const manifest = readManifest(envelope.manifest);
    if (!manifest) return;
    const { device, owner, site, sha256, blobSize, copies } = manifest;
    const times = { expires: Date.parse(manifest.expires), committed: Date.parse(envelope.committed) };
    held.set(job, { device, owner, site, sha256, blobSize, copies, ...times });
  }

  async function destroy(job: JobId): Promise<void> {
    held.delete(job);
    const remains = (await readdir(damaged)).filter((name) => name.startsWith(job)).map((name) => join(damaged, name));
    for (const folder of [join(replicas, job), ...remains]) {
      await overwrite(join(folder, 'envelope.json'));
      await rm(folder, { recursive: true, force: true });
    }
    await syncFolder(damaged);
    await syncFolder(replicas);
  }

  return {
    held,
    destroy,
    async stage(job) {
      const folder = join(staging, `${job}-${randomBytes(8).toString('hex')}`);
      await mkdir(folder, { mode: 0o700 });
      return folder;
    },
    unstage: (folder) => rm(folder, { recursive: true, force: true }),
    async admit(folder, job, envelope) {
      await writeFile(join(folder, 'envelope.json'), JSON.stringify(envelope), {
        mode: 0o600,
        flag: 'wx',
        flush: true
      });
      await syncFolder(folder);
      await rename(folder, join(replicas, job));
      await syncFolder(replicas);
      remember(job, envelope);
    },
    readUpkeep: (job) => readJson(join(replicas, job, 'upkeep.json'), Upkeep).catch(() => null),
    async writeUpkeep(job, upkeep) {
      if (held.has(job)) await writeJsonAtomic(join(replicas, job, 'upkeep.json'), upkeep);
    },
    async replica(job) {
      if (!held.has(job)) return undefined;
      const folder = join(replicas, job);
      const envelope = await readEnvelope(folder);
      if (!envelope) throw new LetterlockError('storage-damaged');
      const { manifest, metadata, sealedKey } = envelope;
      return { job, manifest, metadata, sealedKey, openBlob: () => open(join(folder, 'blob'), 'r') };
    }
  };
}

const uuidLength = 36;

/** Zeros over what a file holds, on the disk before the name goes. Absent files are fine. */
async function overwrite(path: string): Promise<void> {
  const file = await open(path, 'r+').catch(() => null);
  if (!file) return;
  try {
    const { size } = await file.stat();
    await file.write(Buffer.alloc(Math.min(size, 4 * limits.metadata)), 0, undefined, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
