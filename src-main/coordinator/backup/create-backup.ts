import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { syncFolder } from '../../base/atomic-file.ts';
import { utf8 } from '../../base/bytes.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { encodeLine } from '../../base/ndjson.ts';
import type { Perform } from '../act.ts';
import { replaceableKeyFiles } from '../key-files.ts';
import type { CoordinatorStore, StoreCopy } from '../store.ts';
import { type BackupHead, type BackupLine, rowLine } from './backup-format.ts';
import { sealStream } from './sealed-stream.ts';

/**
 * Backups of a running coordinator: its keys and one consistent picture of its database, sealed to a recovery passphrase, in a
 * new file on this machine. Others go on working meanwhile.
 */
export interface Backup {
  /**
   * `path` is absolute and must not exist yet. A file that a crash left unfinished is refused at the restore. Throws `conflict`,
   * `not-found` for its folder, `storage-full`.
   */
  create(path: string, passphrase: string, actor: string): Promise<{ id: string; bytes: number }>;
}

export function createBackup(options: {
  readonly dataDir: string;
  readonly store: CoordinatorStore;
  readonly perform: Perform;
  readonly clock: Clock;
}): Backup {
  const { dataDir, store, perform, clock } = options;
  return {
    async create(path, passphrase, actor) {
      if (!isAbsolute(path)) throw new LetterlockError('input-invalid', 'path: absolute');
      const organization = await store.tables.organization.get();
      if (!organization) throw new TypeError('the organization is set up before it is backed up');
      const id = randomUUID();
      const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
        throw unwritable(error);
      });
      try {
        // Before it is taken, so that it knows of itself.
        await perform(actor, async ({ record }) => record('backup.created', id));
        const head = { backup: 1, id, created: isoTime(clock.now()), organization } as const;
        const counting = await keysThatCount(store);
        const written = await store.copy((copy) => write(file, sealStream(linesOf(dataDir, head, copy), passphrase)));
        if ((await keysThatCount(store)) !== counting)
          throw new LetterlockError('conflict', 'a key was replaced meanwhile: start again');
        await file.sync();
        await syncFolder(dirname(path));
        return { id, bytes: written };
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      } finally {
        await file.close();
      }
    }
  };
}

/** Keys and database are read one after the other: they belong together if no key was replaced in between. */
const keysThatCount = async ({ tables }: CoordinatorStore): Promise<string> =>
  (await Promise.all(replaceableKeyFiles.map((name) => tables.keyFiles.fingerprint(name)))).join();

async function write(file: FileHandle, pieces: AsyncIterable<Uint8Array>): Promise<number> {
  let written = 0;
  for await (const piece of pieces) {
    await file.appendFile(piece);
    written += piece.length;
  }
  return written;
}

async function* linesOf(
  dataDir: string,
  { organization, ...head }: Omit<BackupHead, 'schema'>,
  copy: StoreCopy
): AsyncGenerator<Uint8Array> {
  const line = (value: BackupLine) => utf8(encodeLine(value));
  const { id, name } = organization;
  yield line({ ...head, organization: { id, name }, schema: copy.schema });
  for (const file of await filesOf(dataDir))
    yield line({ file, bytes: (await readFile(join(dataDir, file))).toString('base64') });
  let rows = 0;
  for await (const row of copy.rows) {
    rows += 1;
    yield line(rowLine(row));
  }
  yield line({ end: rows });
}

/** The keys, and the ports where machines and browsers look for the coordinator. */
async function filesOf(dataDir: string): Promise<string[]> {
  const names = await readdir(join(dataDir, 'keys'));
  const keys = names.filter((name) => !isLeftOver(name)).sort();
  return [...keys.map((name) => `keys/${name}`), 'ports.json'];
}

/** Of a write that was cut short, or set aside (base/atomic-file.ts). */
const isLeftOver = (name: string): boolean => /\.(tmp|damaged)$/.test(name);

function unwritable(error: NodeJS.ErrnoException): unknown {
  if (error.code === 'EEXIST') return new LetterlockError('conflict', 'this file exists');
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
    return new LetterlockError('not-found', 'folder of the file');
  return error;
}
