import { createHash } from 'node:crypto';
import { open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toBase64url } from '../base/bytes.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import { limits, MiB } from '../base/limits.ts';
import type { Stored } from '../protocol/node-api.ts';

/**
 * A blob that is being received into a new file: gathered into 1 MiB writes over two buffers in turn, hashed while the
 * disk works, made durable once at the end. Never reads the file again, never takes more memory for a longer blob, and
 * takes no more than it needs for a short one whose length is known.
 */
export interface StagedBlob {
  /** Copies the chunk. A promise means: full, wait for it before the next write. Rejects with `storage-full`, `too-large`. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Writes the rest, fdatasync, and closes. */
  finish(): Promise<Stored>;
  /** Makes durable what has come so far and holds no memory until the next write. Resolves with how many bytes that are. */
  rest(): Promise<number>;
  /** Closes the file and leaves it; idempotent. */
  close(): Promise<void>;
}

/** Bytes that a file system has left for us. */
export type FreeSpace = (folder: string) => Promise<number>;

export const freeSpace: FreeSpace = async (folder) => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

const bufferSize = MiB;
const spaceCheckEvery = 64 * MiB;

export async function openStagedBlob(
  path: string,
  options: { readonly expected: number; readonly maxBytes: number; readonly freeSpace: FreeSpace }
): Promise<StagedBlob> {
  const requireSpace = async (bytes: number) => {
    if ((await options.freeSpace(dirname(path))) < bytes + limits.diskReserve)
      throw new LetterlockError('storage-full');
  };
  await requireSpace(options.expected);
  const file = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  let filling: Buffer = nothing;
  let writing: Buffer = nothing;
  let filled = 0;
  let position = 0;
  let underWay: Promise<unknown> = Promise.resolve();
  let closed: Promise<void> | undefined;

  /** Hands the filled buffer to the disk once the disk has done with the other, and hashes it meanwhile. */
  const flush = async () => {
    await underWay;
    [filling, writing] = [writing, filling];
    const full = writing.subarray(0, filled);
    const spaceDue = Math.floor(position / spaceCheckEvery) !== Math.floor((position + filled) / spaceCheckEvery);
    underWay = Promise.all([writeAll(full, position), spaceDue ? requireSpace(0) : undefined]);
    underWay.catch(() => {}); // met by the next await of it
    position += filled;
    filled = 0;
    hash.update(full);
  };
  const writeAll = async (bytes: Buffer, at: number) => {
    for (let done = 0; done < bytes.length; ) {
      done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
    }
  };
  /** A buffer to fill: one of both, once there are two. */
  const takeBuffer = () => {
    const left = options.expected - position;
    if (filling.length === 0) filling = Buffer.allocUnsafeSlow(left > 0 ? Math.min(bufferSize, left) : bufferSize);
  };
  const spill = async (chunk: Uint8Array) => {
    try {
      for (let from = 0; from < chunk.length; ) {
        if (filled === filling.length) await flush();
        takeBuffer();
        const part = chunk.subarray(from, from + filling.length - filled);
        filling.set(part, filled);
        filled += part.length;
        from += part.length;
      }
    } catch (error) {
      throw asLetterlockError(error);
    }
  };
  const close = () => {
    closed ??= underWay.then(
      () => file.close(),
      () => file.close()
    );
    return closed;
  };

  return {
    write(chunk) {
      if (position + filled + chunk.length > options.maxBytes) return Promise.reject(new LetterlockError('too-large'));
      takeBuffer();
      if (filled + chunk.length > filling.length) return spill(chunk);
      filling.set(chunk, filled);
      filled += chunk.length;
      return undefined;
    },
    async finish() {
      try {
        if (filled > 0) await flush();
        await underWay;
        await file.datasync();
        return { sha256: toBase64url(hash.digest()), blobSize: position };
      } catch (error) {
        throw asLetterlockError(error);
      } finally {
        await close();
      }
    },
    async rest() {
      try {
        if (filled > 0) await flush();
        await underWay;
        await file.datasync();
        [filling, writing] = [nothing, nothing];
        return position;
      } catch (error) {
        throw asLetterlockError(error);
      }
    },
    close
  };
}

const nothing = Buffer.alloc(0);
