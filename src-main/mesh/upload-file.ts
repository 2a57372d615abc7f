import type { FileHandle } from 'node:fs/promises';
import { MiB } from '../base/limits.ts';
import type { Stored } from '../protocol/node-api.ts';
import type { BlobUpload } from './ports.ts';

/** One buffer, and when it may be used again. */
interface Lane {
  readonly memory: Buffer;
  free: Promise<void>;
}

/**
 * Sends a file from `offset` on through an upload, over two lanes in turn: one is read into while the other is on its way. `rest` is
 * asked before each piece, and may take its time.
 */
export async function uploadFile(
  file: FileHandle,
  upload: BlobUpload,
  { offset = 0, rest }: { readonly offset?: number; readonly rest: () => Promise<void> }
): Promise<Stored> {
  const lanes: [Lane, Lane] = [
    { memory: Buffer.allocUnsafeSlow(MiB), free: Promise.resolve() },
    { memory: Buffer.allocUnsafeSlow(MiB), free: Promise.resolve() }
  ];
  try {
    for (let position = offset, turn = 0; ; turn += 1) {
      const lane = lanes[turn % 2 === 0 ? 0 : 1];
      await lane.free;
      await rest();
      const { bytesRead } = await file.read(lane.memory, 0, MiB, position);
      if (bytesRead === 0) return await upload.end();
      lane.free = upload.write(lane.memory.subarray(0, bytesRead));
      position += bytesRead;
    }
  } catch (error) {
    upload.abort(error);
    throw error;
  }
}
