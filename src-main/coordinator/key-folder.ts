import { createHmac } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder, writeFileAtomic } from '../base/atomic-file.ts';
import { LetterlockError } from '../base/errors.ts';
import type { KeyFileTable } from './store.ts';

/**
 * The files of key-files.ts that have successors. A next content lies beside the one that counts, named by its fingerprint, until
 * the database says that it counts; then it takes the place, and the old one is overwritten and gone.
 */
export interface KeyFolder {
  /** Puts a next content beside the one that counts, durably. Returns its fingerprint. */
  add(name: string, content: Uint8Array): Promise<string>;
  /** Takes one away again that does not count and never will. */
  drop(name: string, fingerprint: string): Promise<void>;
  /** Puts the one that counts in its place. Throws `storage-damaged`, `keys-outdated` when it is nowhere. */
  settle(name: string, counts: string): Promise<Uint8Array>;
  /** All that lie beside, after those that count were settled and while no other can begin to. */
  clear(): Promise<void>;
}

export function openKeyFolder(dataDir: string): KeyFolder {
  let settling: Promise<unknown> = Promise.resolve();

  async function settle(path: string, counts: string): Promise<Uint8Array> {
    const next = nextFile(path, counts);
    if ((await contentOf(next)) !== null) {
      await overwrite(path);
      await rename(next, path);
      await syncFolder(dirname(path));
    }
    return contentThatCounts(path, counts);
  }

  return {
    async add(name, content) {
      const fingerprint = keyFingerprint(content);
      await writeFileAtomic(nextFile(keyFile(dataDir, name), fingerprint), content);
      return fingerprint;
    },
    drop: (name, fingerprint) => rm(nextFile(keyFile(dataDir, name), fingerprint), { force: true }),
    settle(name, counts) {
      // One after the other: a second one would overwrite what the first has just put in place.
      const done = settling.then(() => settle(keyFile(dataDir, name), counts));
      settling = done.catch(() => {});
      return done;
    },
    async clear() {
      for (const name of await readdir(keyFolder(dataDir)))
        if (name.endsWith('.next')) await rm(keyFile(dataDir, name), { force: true });
    }
  };
}

/** The content that counts, wherever it lies now. Throws as `settle` does. */
export const readKeyFile = (dataDir: string, name: string, counts: string): Promise<Uint8Array> =>
  contentThatCounts(keyFile(dataDir, name), counts);

async function contentThatCounts(path: string, counts: string): Promise<Uint8Array> {
  let found = false;
  // The new place first: what has left it has arrived at the other.
  for (const file of [nextFile(path, counts), path]) {
    const content = await contentOf(file);
    if (content !== null && keyFingerprint(content) === counts) return content;
    found ||= content !== null;
  }
  if (found) throw new LetterlockError('keys-outdated', `keys/${basename(path)}`);
  throw new LetterlockError('storage-damaged', `keys/${basename(path)} is missing`);
}

/** Tells contents apart and says nothing about them: an HMAC under the content itself, which holds a key. */
export const keyFingerprint = (content: Uint8Array): string =>
  createHmac('sha256', content).update('letterlock/v1/key-file').digest('hex');

export type CountingKeyFiles = Pick<KeyFileTable, 'fingerprint'>;

export const keyFolder = (dataDir: string): string => join(dataDir, 'keys');
const keyFile = (dataDir: string, name: string): string => join(keyFolder(dataDir), name);
const nextFile = (path: string, fingerprint: string): string => `${path}.${fingerprint.slice(0, 16)}.next`;

async function contentOf(path: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Before a file of secrets goes. What a disk keeps of it elsewhere is out of reach. */
async function overwrite(path: string): Promise<void> {
  const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (!file) return;
  try {
    const { size } = await file.stat();
    await file.write(new Uint8Array(size), 0, size, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
