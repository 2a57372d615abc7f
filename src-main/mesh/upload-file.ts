import type { FileHandle } from 'node:fs/promises';
import { LetterlockError } from '../base/errors.ts';
import { MiB } from '../base/limits.ts';
import type { Stored } from '../protocol/node-api.ts';
import type { BlobUpload } from './ports.ts';

/** One buffer, and when it may be used again. */
interface Lane {
  readonly memory: Buffer;
  free: Promise<void>;
}

/**
 * Sends a file's bytes from `first` up to `size` through an upload, over two lanes in turn: one is read into while the other is on its
 * way. `rest` is asked before each piece, and may take its time. Throws `storage-damaged` when the file is shorter.
 */
export async function uploadFile(
  file: FileHandle,
  upload: BlobUpload,
  { first, size, rest }: { readonly first: number; readonly size: number; readonly rest: () => Promise<void> }
): Promise<Stored> {
  const lanes: Lane[] = [];
  try {
    for (let position = first, turn = 0; position < size; turn += 1) {
      const left = size - position;
      const lane = lanes[turn % 2] ?? { memory: Buffer.allocUnsafeSlow(Math.min(MiB, left)), free: Promise.resolve() };
      lanes[turn % 2] = lane;
      await lane.free;
      await rest();
      const { bytesRead } = await file.read(lane.memory, 0, Math.min(lane.memory.length, left), position);
      if (bytesRead === 0) throw new LetterlockError('storage-damaged');
      lane.free = upload.write(lane.memory.subarray(0, bytesRead));
      position += bytesRead;
    }
    return await upload.end();
  } catch (error) {
    upload.abort(error);
    throw error;
  }
}
