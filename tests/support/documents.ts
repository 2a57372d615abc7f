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

/** What a printer printed: `ippeveprinter` also leaves an empty file of its command's output for each job. */
export async function printedFiles(spoolDir: string): Promise<string[]> {
  const files = await filesBelow(spoolDir);
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return files.filter((_, index) => (sizes[index] ?? 0) > 0);
}

/** Digests of what a printer printed, sorted. */
export const printedDigests = async (spoolDir: string): Promise<string[]> =>
  (await Promise.all((await printedFiles(spoolDir)).map(sha256OfFile))).sort();
