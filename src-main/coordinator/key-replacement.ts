import { createHmac } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder, writeFileAtomic } from '../base/atomic-file.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Act, Perform } from './act.ts';
import type { CoordinatorStore, KeyFileTable } from './store.ts';

/**
 * Puts a new content into a key file together with what changes in the database because of it: both happen or neither,
 * whenever the machine stops. The new content lies beside the old one until the transaction has said, by its fingerprint,
 * that it counts; only then the old one goes. Throws `conflict` while there are several coordinators: each has the file.
 */
export type ReplaceKeyFile = <T>(replacement: {
  /** In the folder of keys. */
  readonly name: string;
  readonly content: Uint8Array;
  readonly actor: string;
  /** In the transaction, before the new content counts. */
  readonly run: (act: Act) => Promise<T>;
}) => Promise<T>;

export function createKeyReplacement(options: {
  readonly dataDir: string;
  readonly store: CoordinatorStore;
  readonly perform: Perform;
}): ReplaceKeyFile {
  const { dataDir, store, perform } = options;
  const counting = store.tables.keyFiles;
  let working: Promise<unknown> = Promise.resolve();

  const replace: ReplaceKeyFile = async ({ name, content, actor, run }) => {
    const path = keyFile(dataDir, name);
    const fingerprint = keyFingerprint(content);
    const next = nextFile(path, fingerprint);
    await writeFileAtomic(next, content);
    try {
      return await perform(actor, async (act) => {
        if ((await act.tables.coordinators.list()).length > 1)
          throw new LetterlockError(
            'conflict',
            'other coordinators would go on with the old key: only one may be listed'
          );
        const result = await run(act);
        await act.tables.keyFiles.setFingerprint(name, fingerprint);
        return result;
      });
    } finally {
      // Also when it failed: a connection that broke in the commit leaves open which it was.
      if ((await counting.fingerprint(name)) === fingerprint) await settle(path, fingerprint);
      else await rm(next, { force: true });
    }
  };
  // One after the other: of two, the one that counts must also be the last that moves its file into place.
  return (replacement) => {
    const done = working.then(() => replace(replacement));
    working = done.catch(() => {});
    return done;
  };
}

/**
 * At a start, before anybody uses them: finishes what a stop has cut short, and clears away what never counted. Throws
 * `storage-damaged` when what counts is nowhere.
 */
export async function settleKeyFiles(
  dataDir: string,
  names: readonly string[],
  counting: CountingKeyFiles
): Promise<void> {
  for (const name of names) {
    const counts = await counting.fingerprint(name);
    if (counts !== undefined) await settle(keyFile(dataDir, name), counts);
  }
  for (const name of await readdir(keyFolder(dataDir)))
    if (name.endsWith('.next')) await rm(keyFile(dataDir, name), { force: true });
}

async function settle(path: string, counts: string): Promise<void> {
  const next = nextFile(path, counts);
  if ((await contentOf(next)) !== null) {
    await overwrite(path);
    await rename(next, path);
    await syncFolder(dirname(path));
  }
  await contentThatCounts(path, counts);
}

/** The content that counts, wherever it lies now. Throws `storage-damaged`. */
export const readKeyFile = (dataDir: string, name: string, counts: string): Promise<Uint8Array> =>
  contentThatCounts(keyFile(dataDir, name), counts);

async function contentThatCounts(path: string, counts: string): Promise<Uint8Array> {
  // The new place first: what has left it has arrived at the other.
  for (const file of [nextFile(path, counts), path]) {
    const content = await contentOf(file);
    if (content !== null && keyFingerprint(content) === counts) return content;
  }
  throw new LetterlockError('storage-damaged', `keys/${basename(path)}: missing, or not the one of this database`);
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
