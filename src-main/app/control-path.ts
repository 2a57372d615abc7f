import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { LetterlockError } from '../base/errors.ts';

/** `sun_path` holds 108 bytes on Linux and 104 on macOS. */
const longestSocketPath = 100;

/**
 * Where the control channel of the role in `dataDir` listens: a Unix socket in that folder; in a private temporary folder
 * where the path would be too long; a named pipe on Windows. Creates the folder, and refuses one that others can enter.
 */
export async function controlPath(dataDir: string): Promise<string> {
  const folder = resolve(dataDir);
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\letterlock-${name}`;
  const direct = join(folder, 'control.sock');
  if (Buffer.byteLength(direct) <= longestSocketPath) return direct;
  const { uid } = userInfo();
  const shared = join(tmpdir(), `letterlock-${uid}`);
  await mkdir(shared, { mode: 0o700, recursive: true });
  const stat = await lstat(shared);
  if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o077) !== 0) {
    throw new LetterlockError('not-allowed', 'the folder for control sockets is open to others');
  }
  return join(shared, `${name}.sock`);
}
