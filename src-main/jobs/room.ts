import { statfs } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { MiB } from '../base/limits.ts';

/** Whether the disk has room for the next job, and leaves some for everything else on this machine. */
export interface Room {
  /** Throws `storage-full`. */
  expect(): Promise<void>;
  /** What was found last. */
  full(): boolean;
  close(): void;
}

const reserve = 64 * MiB;
/** No event says that there is room again: while there is none it is looked at so often. */
const lookAgainMs = 30_000;

export function createRoom(options: {
  readonly folder: string;
  readonly clock: Clock;
  /** Called when the answer of `full` changes. */
  readonly onChange: () => void;
  /** Bytes that may still be written to this folder's disk. */
  readonly freeBytes?: ((folder: string) => Promise<number>) | undefined;
}): Room {
  const { folder, clock, onChange, freeBytes = freeBytesOf } = options;
  let full = false;
  let cancel = () => {};

  const look = async (): Promise<void> => {
    const now = (await freeBytes(folder)) < reserve;
    cancel();
    if (now) cancel = clock.after(lookAgainMs, () => void look().catch(() => {}));
    if (now === full) return;
    full = now;
    onChange();
  };
  return {
    async expect() {
      await look();
      if (full) throw new LetterlockError('storage-full', 'outbox');
    },
    full: () => full,
    close: () => cancel()
  };
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
