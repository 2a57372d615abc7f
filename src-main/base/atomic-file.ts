import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { z } from 'zod';
import { utf8 } from './bytes.ts';
import { LetterlockError } from './errors.ts';

/**
 * Files that are either wholly the old or wholly the new content, whatever happens in between: temporary file beside the
 * target, fsync, rename, fsync of the folder. The folder must exist. Modes default to the owner only.
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array,
  { mode = 0o600 }: { readonly mode?: number } = {}
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** The JSON text of `value`, written as `writeFileAtomic` does. */
export const writeJsonAtomic = (path: string, value: unknown, options?: { readonly mode?: number }): Promise<void> =>
  writeFileAtomic(path, utf8(`${JSON.stringify(value)}\n`), options);

/**
 * Reads what `writeJsonAtomic` wrote: null when there is no such file. A file that is not JSON of this shape is reported as
 * `storage-damaged` and never overwritten: set aside as `<path>.<random>.damaged`, or with `damaged: 'keep'` left in place.
 */
export async function readJson<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  { damaged = 'set-aside' }: { readonly damaged?: 'set-aside' | 'keep' } = {}
): Promise<z.infer<Schema> | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const result = schema.safeParse(parsedJson(text));
  if (result.success) return result.data;
  if (damaged === 'set-aside') await setAside(path);
  throw new LetterlockError('storage-damaged', basename(path));
}

/** Moves a damaged file out of the way without losing it; gives its new path. */
async function setAside(path: string): Promise<string> {
  const aside = `${path}.${randomBytes(6).toString('hex')}.damaged`;
  await rename(path, aside);
  await syncFolder(dirname(path));
  return aside;
}

/** Makes creations, renames and removals in a folder durable. Windows has no such thing and needs none. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
