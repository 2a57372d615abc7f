import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { JobId } from '../../src-preload/contract/ids.ts';
import { readJson, syncFolder, writeJsonAtomic } from '../base/atomic-file.ts';
import { asLetterlockError } from '../base/errors.ts';
import { limits, MiB } from '../base/limits.ts';
import { base64url } from '../identity/base64url.ts';
import { Sealed } from '../identity/hpke.ts';
import { Signed } from '../identity/signed-statement.ts';
import type { Fill } from './pump.ts';
import type { Room } from './room.ts';

/**
 * Sealed jobs that wait on this machine because too few nodes have them: `<dataDir>/outbox/<job>/blob` and `entry.json`. The entry is
 * written last and removed first, so a folder without one was never acknowledged or has already left; it is swept away.
 */
export const OutboxEntry = z.strictObject({
  v: z.literal(1),
  job: JobId,
  manifest: Signed,
  /** Sealed. */
  metadata: base64url(0, limits.metadata),
  /** W, sealed to this device. */
  sealedKey: Sealed,
  /** J, sealed to who keeps it: the coordinator, or in strict custody this device. */
  jobPart: Sealed
});
export type OutboxEntry = z.infer<typeof OutboxEntry>;

export interface Outbox {
  /** A new blob, to be written in order. `storage-full` when the disk is, or would soon be. */
  begin(job: JobId): Promise<OutboxBlob>;
  /** The jobs that wait, in no order. */
  jobs(): Promise<JobId[]>;
  /** Null when it is not complete or not there; a damaged one is set aside and reported as `storage-damaged`. */
  entry(job: JobId): Promise<OutboxEntry | null>;
  /** The blob, for reading; null when it is gone. Whoever opens it closes it. */
  read(job: JobId): Promise<OutboxReader | null>;
  remove(job: JobId): Promise<void>;
  /** Removes what a crash left half written. Before anything else. */
  sweep(): Promise<void>;
}

export interface OutboxBlob {
  write(chunk: Uint8Array): Promise<void>;
  /** On disk for good when it resolves. */
  finish(entry: OutboxEntry): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

export interface OutboxReader {
  /** Bytes on the disk. */
  readonly size: number;
  /** From this byte to the end. Several may read at once, each at its own place. */
  from(position: number): Fill;
  close(): Promise<void>;
}

const checkEvery = 32 * MiB;
/** It may be a disk of its own: the room that counts is the room there. */
export const outboxFolder = (dataDir: string): string => join(dataDir, 'outbox');

export function createOutbox({ dataDir, room }: { readonly dataDir: string; readonly room: Room }): Outbox {
  const root = outboxFolder(dataDir);
  const folderOf = (job: JobId) => join(root, job);
  const entryOf = (job: JobId) => join(folderOf(job), 'entry.json');
  const blobOf = (job: JobId) => join(folderOf(job), 'blob');

  const remove = async (job: JobId) => {
    await rm(entryOf(job), { force: true });
    await rm(folderOf(job), { recursive: true, force: true });
  };
  const jobs = async () => (await readdir(root)).map((name) => JobId.safeParse(name)).flatMap((id) => id.data ?? []);

  return {
    async begin(job) {
      await room.expect();
      await mkdir(folderOf(job), { mode: 0o700 });
      const file = await open(blobOf(job), 'wx', 0o600);
      let unchecked = 0;
      let tail: Promise<void> = Promise.resolve();
      const append = async (chunk: Uint8Array) => {
        unchecked += chunk.length;
        if (unchecked >= checkEvery) {
          unchecked = 0;
          await room.expect();
        }
        await writeAll(file, chunk);
      };
      return {
        write: (chunk) => {
          tail = tail.then(() => append(chunk));
          return tail;
        },
        async finish(entry) {
          await file.datasync();
          await file.close();
          await writeJsonAtomic(entryOf(job), entry);
          await syncFolder(root);
        },
        async abort() {
          await tail.catch(() => {});
          await file.close().catch(() => {});
          await remove(job);
        }
      };
    },

    jobs,
    entry: (job) => readJson(entryOf(job), OutboxEntry),

    async read(job) {
      const file = await open(blobOf(job), 'r').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      if (!file) return null;
      const { size } = await file.stat();
      return {
        size,
        from: (position) => async (into) => {
          const { bytesRead } = await file.read(into, 0, Math.min(into.length, MiB), position);
          position += bytesRead;
          return bytesRead;
        },
        close: () => file.close()
      };
    },

    remove,

    async sweep() {
      await mkdir(root, { recursive: true, mode: 0o700 });
      for (const job of await jobs()) {
        const files = await readdir(folderOf(job));
        // A damaged entry was set aside beside its blob: evidence, it stays.
        if (!files.some((file) => file.startsWith('entry.json') && !file.endsWith('.tmp'))) await remove(job);
      }
    }
  };
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  try {
    for (let done = 0; done < chunk.length; ) done += (await file.write(chunk, done)).bytesWritten;
  } catch (error) {
    throw asLetterlockError(error);
  }
}
