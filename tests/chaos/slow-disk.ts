import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A disk that is slow for one process: the block layer's throttle of control groups, version 1 (blkio). Only what a process itself
 * waits for is slow there, which is fsync: just what matters here.
 */
const root = '/sys/fs/cgroup/blkio';
export const disksCanBeSlow = existsSync(join(root, 'blkio.throttle.write_bps_device'));

/** Returns what makes it fast again. */
export async function slowDisk(pid: number, folder: string, bytesPerSecond: number): Promise<() => Promise<void>> {
  const { dev } = await stat(folder);
  const group = await mkdtemp(join(root, 'letterlock-chaos-'));
  const device = `${dev >> 8}:${dev & 0xff}`;
  for (const direction of ['read', 'write'])
    await writeFile(join(group, `blkio.throttle.${direction}_bps_device`), `${device} ${bytesPerSecond}\n`);
  await enroll(group, pid);
  return async () => {
    for (const member of (await readFile(join(group, 'cgroup.procs'), 'utf8')).split('\n').filter(Boolean))
      await enroll(root, member);
    await rmdir(group);
  };
}

/** A process that another fault has just killed has no disk. */
async function enroll(group: string, pid: number | string): Promise<void> {
  try {
    await writeFile(join(group, 'cgroup.procs'), `${pid}\n`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
