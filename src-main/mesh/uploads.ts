import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import type { Clock } from '../base/clock.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import { KiB, limits } from '../base/limits.ts';
import type { Stored } from '../protocol/node-api.ts';
import { blobSizeOf } from '../sealing/blob-header.ts';
import { receive } from './receive.ts';
import type { ReplicaStore } from './replica-store.ts';
import { type FreeSpace, openStagedBlob } from './staged-blob.ts';

/**
 * Uploads that are not replicas yet. Each belongs to the device that began it: another one neither sees nor disturbs it.
 * What is broken off, replaced, or not committed in time leaves nothing behind.
 */
export interface Uploads {
  /** `expected`: content-length, 0 when unknown. Replaces an earlier upload of the same job by the same device. */
  receive(job: JobId, device: DeviceId, body: Readable, expected: number): Promise<Stored>;
  /** A complete one. It is the caller's from now on, whatever the device does meanwhile, and so is its folder. */
  take(job: JobId, device: DeviceId): CompleteUpload | undefined;
  discard(job: JobId, device: DeviceId): Promise<void>;
  /** Whoever began it. */
  discardJob(job: JobId): Promise<void>;
  close(): Promise<void>;
}

export interface CompleteUpload {
  readonly folder: string;
  readonly stored: Stored;
}

interface Upload {
  readonly job: JobId;
  readonly device: DeviceId;
  complete?: CompleteUpload;
  /** Ends it, whatever it is doing, and removes what is on disk. */
  discard(): Promise<void>;
}

/** The largest blob of the largest document. */
const maxBlobSize = blobSizeOf(limits.document, KiB);

export function createUploads(options: {
  readonly store: ReplicaStore;
  readonly clock: Clock;
  readonly freeSpace: FreeSpace;
}): Uploads {
  const { store, clock, freeSpace } = options;
  const uploads = new Map<string, Upload>();
  const keyOf = (job: JobId, device: DeviceId) => `${job}/${device}`;
  const of = (job: JobId, device: DeviceId) => uploads.get(keyOf(job, device));

  const start = async (upload: Upload, body: Readable, expected: number): Promise<CompleteUpload> => {
    const folder = await store.stage(upload.job);
    try {
      const blob = await openStagedBlob(join(folder, 'blob'), { expected, maxBytes: maxBlobSize, freeSpace });
      try {
        await receive(body, blob, { clock });
        return { folder, stored: await blob.finish() };
      } finally {
        await blob.close();
      }
    } catch (error) {
      await store.unstage(folder);
      forget(upload);
      throw asLetterlockError(error);
    }
  };
  const forget = (upload: Upload) => {
    if (of(upload.job, upload.device) === upload) uploads.delete(keyOf(upload.job, upload.device));
  };

  return {
    async receive(job, device, body, expected) {
      if (expected > maxBlobSize) throw new LetterlockError('too-large', 'blob');
      for (let earlier = of(job, device); earlier; earlier = of(job, device)) await earlier.discard();
      if ([...uploads.values()].filter((each) => each.device === device).length >= limits.stagedUploads) {
        throw new LetterlockError('rate-limited', 'uploads');
      }
      const upload: Upload = {
        job,
        device,
        async discard() {
          forget(upload);
          body.destroy();
          const done = await running.catch(() => undefined);
          if (done) await store.unstage(done.folder);
        }
      };
      uploads.set(keyOf(job, device), upload);
      const running = start(upload, body, expected);
      const complete = await running;
      upload.complete = complete;
      clock.after(limits.stagedSeconds * 1000, () => {
        // What cannot be removed now goes at the next start.
        if (of(job, device) === upload) upload.discard().catch(() => {});
      });
      return complete.stored;
    },
    take(job, device) {
      const complete = of(job, device)?.complete;
      if (complete) uploads.delete(keyOf(job, device));
      return complete;
    },
    async discard(job, device) {
      await of(job, device)?.discard();
    },
    async discardJob(job) {
      await Promise.all([...uploads.values()].filter((each) => each.job === job).map((each) => each.discard()));
    },
    async close() {
      await Promise.all([...uploads.values()].map((each) => each.discard()));
    }
  };
}
