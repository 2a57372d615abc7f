import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import type { Clock } from '../base/clock.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import { KiB, limits } from '../base/limits.ts';
import type { Stored } from '../protocol/node-api.ts';
import { blobSizeOf } from '../sealing/blob-header.ts';
import type { ContentRange } from './content-range.ts';
import { receive } from './receive.ts';
import type { ReplicaStore } from './replica-store.ts';
import { type FreeSpace, openStagedBlob, type StagedBlob } from './staged-blob.ts';

/**
 * Uploads that are not replicas yet. Each belongs to the device that began it: another one neither sees nor disturbs it. What is
 * replaced or not committed in time leaves nothing behind, and neither does what breaks off, unless it came with a range: then it
 * waits for the rest as long as a complete one for its commit. The hash goes on in memory, so a restart of the node ends it.
 */
export interface Uploads {
  /**
   * `expected`: content-length, 0 when unknown. Replaces an earlier upload of the same job by the same device, or continues it at
   * its offset. Throws `conflict` when the range does not begin there.
   */
  receive(
    job: JobId,
    device: DeviceId,
    body: Readable,
    how: { expected: number; range?: ContentRange }
  ): Promise<Stored>;
  /** How many bytes are durable of an upload that may go on; 0: none. Whoever asks has given up what was still under way. */
  offset(job: JobId, device: DeviceId): Promise<number>;
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
  readonly folder: string;
  readonly blob: StagedBlob;
  /** What comes now, while it comes. */
  incoming?: { readonly body: Readable; readonly done: Promise<unknown> };
  /** Durable bytes of one that broke off. */
  offset: number;
  complete?: CompleteUpload;
  cancelEnd(): void;
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
  /** Begun, and not in the map yet. */
  const opening = new Map<DeviceId, number>();
  const keyOf = (job: JobId, device: DeviceId) => `${job}/${device}`;
  const of = (job: JobId, device: DeviceId) => uploads.get(keyOf(job, device));

  const discardEarlier = async (job: JobId, device: DeviceId) => {
    for (let earlier = of(job, device); earlier; earlier = of(job, device)) await discard(earlier);
  };
  async function open(job: JobId, device: DeviceId, expected: number): Promise<Upload> {
    await discardEarlier(job, device);
    const already = [...uploads.values()].filter((each) => each.device === device).length;
    if (already + (opening.get(device) ?? 0) >= limits.stagedUploads)
      throw new LetterlockError('rate-limited', 'uploads');
    opening.set(device, (opening.get(device) ?? 0) + 1);
    try {
      const folder = await store.stage(job);
      try {
        const blob = await openStagedBlob(join(folder, 'blob'), { expected, maxBytes: maxBlobSize, freeSpace });
        await discardEarlier(job, device);
        const upload: Upload = { job, device, folder, blob, offset: 0, cancelEnd: () => {} };
        uploads.set(keyOf(job, device), upload);
        return upload;
      } catch (error) {
        await store.unstage(folder);
        throw asLetterlockError(error);
      }
    } finally {
      opening.set(device, (opening.get(device) ?? 1) - 1);
    }
  }

  async function remove(upload: Upload): Promise<void> {
    if (of(upload.job, upload.device) === upload) uploads.delete(keyOf(upload.job, upload.device));
    upload.cancelEnd();
    await upload.blob.close().catch(() => {});
    await store.unstage(upload.folder);
  }
  /** Ends it, whatever it is doing, and removes what is on disk. */
  async function discard(upload: Upload): Promise<void> {
    if (of(upload.job, upload.device) === upload) uploads.delete(keyOf(upload.job, upload.device));
    upload.incoming?.body.destroy();
    await upload.incoming?.done.catch(() => {});
    await remove(upload);
  }

  const discardIn = (upload: Upload, seconds: number) => {
    upload.cancelEnd = clock.after(seconds * 1000, () => {
      // What cannot be removed now goes at the next start.
      if (of(upload.job, upload.device) === upload) discard(upload).catch(() => {});
    });
  };

  async function fill(upload: Upload, body: Readable, range: ContentRange | undefined): Promise<Stored> {
    try {
      await receive(body, upload.blob, { clock });
      const stored = await upload.blob.finish();
      if (range && stored.blobSize !== range.size) throw new LetterlockError('input-invalid', 'content-range');
      upload.complete = { folder: upload.folder, stored };
      return stored;
    } catch (error) {
      const failure = asLetterlockError(error);
      if (range && failure.code === 'upload-truncated') upload.offset = await upload.blob.rest();
      throw failure;
    }
  }

  return {
    async receive(job, device, body, { expected, range }) {
      if (Math.max(expected, range?.size ?? 0) > maxBlobSize) throw new LetterlockError('too-large', 'blob');
      let upload = of(job, device);
      if (range && range.first > 0) {
        if (!upload || upload.incoming || upload.offset !== range.first)
          throw new LetterlockError('conflict', 'offset');
        upload.cancelEnd();
      } else {
        upload = await open(job, device, expected);
      }
      const done = fill(upload, body, range);
      upload.incoming = { body, done };
      try {
        return await done;
      } catch (error) {
        if (upload.offset === 0) await remove(upload);
        throw error;
      } finally {
        delete upload.incoming;
        if (of(job, device) === upload) discardIn(upload, limits.stagedSeconds);
      }
    },
    async offset(job, device) {
      const upload = of(job, device);
      upload?.incoming?.body.destroy();
      await upload?.incoming?.done.catch(() => {});
      return upload?.complete?.stored.blobSize ?? upload?.offset ?? 0;
    },
    take(job, device) {
      const upload = of(job, device);
      if (!upload?.complete) return undefined;
      upload.cancelEnd();
      uploads.delete(keyOf(job, device));
      return upload.complete;
    },
    async discard(job, device) {
      const upload = of(job, device);
      if (upload) await discard(upload);
    },
    async discardJob(job) {
      await Promise.all([...uploads.values()].filter((each) => each.job === job).map(discard));
    },
    async close() {
      await Promise.all([...uploads.values()].map(discard));
    }
  };
}
