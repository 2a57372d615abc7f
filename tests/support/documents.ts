import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Every file below a folder. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The files below `folder` that contain any of `needles`, read as a stream. */
export async function filesContaining(folder: string, needles: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const longest = Math.max(...needles.map((needle) => needle.length));
  for (const file of await filesBelow(folder)) {
    let tail = Buffer.alloc(0);
    for await (const chunk of createReadStream(file)) {
      const window = Buffer.concat([tail, chunk as Buffer]);
      if (needles.some((needle) => window.includes(needle))) {
        found.push(file);
        break;
      }
      tail = window.subarray(-longest);
    }
  }
  return found;
}

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false
  );
