import { mkdir, mkdtemp, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OrganizationId } from '../../../src-preload/contract/index.ts';
import { syncFolder, writeFileAtomic } from '../../base/atomic-file.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { readLines } from '../../base/ndjson.ts';
import type { CoordinatorStore, CopiedRow, StoreCopy } from '../store.ts';
import { settleRestored } from './after-restore.ts';
import { BackupHead, BackupLine, copiedRow } from './backup-format.ts';
import { openStream } from './sealed-stream.ts';

/**
 * Makes a coordinator of a backup, in a folder that is empty or not there. The folder is there whole or not at all. Throws
 * `backup-unreadable`, and `conflict` when folder or database hold something already.
 */
export async function restoreBackup(options: {
  readonly dataDir: string;
  readonly sealed: AsyncIterable<Uint8Array>;
  readonly passphrase: string;
  /** Makes a database of rows; opens it. */
  readonly fillStore: (file: string, copy: StoreCopy) => Promise<void>;
  readonly openStore: (file: string) => Promise<CoordinatorStore>;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<RestoreReport> {
  const { dataDir, sealed, passphrase, fillStore, openStore, clock, logger } = options;
  await mkdir(dirname(dataDir), { recursive: true, mode: 0o700 });
  await rmdir(dataDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT')
      throw new LetterlockError('conflict', 'the data folder is not empty', { cause: error });
  });
  const folder = await mkdtemp(`${dataDir}.restoring-`);
  const database = join(folder, 'coordinator.db');
  try {
    const { head, rows } = await unpack(folder, openStream(sealed, passphrase));
    await fillStore(database, { schema: head.schema, rows });
    const { id, created, organization } = head;
    const store = await openStore(database);
    const doubtful = await settleRestored({ dataDir: folder, store, backup: { id, created }, clock, logger }).finally(
      store.close
    );
    await rename(folder, dataDir);
    await syncFolder(dirname(dataDir));
    return { ...organization, created, doubtful };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

export interface RestoreReport {
  /** Of the organization. */
  readonly id: OrganizationId;
  readonly name: string;
  /** When the backup was made. */
  readonly created: string;
  /** Jobs that may have been printed since. */
  readonly doubtful: number;
}

/** Writes the files into `folder`; what is left to read are the rows, and that they are complete. */
async function unpack(folder: string, plain: AsyncIterable<Uint8Array>) {
  await mkdir(join(folder, 'keys'), { mode: 0o700 });
  const lines = readBackupLines(plain);
  const head = BackupHead.safeParse((await lines.next()).value);
  if (!head.success) throw unreadable('another version');
  let next = await lines.next();
  for (; !next.done && 'file' in next.value; next = await lines.next())
    await writeFileAtomic(join(folder, next.value.file), Buffer.from(next.value.bytes, 'base64'));
  return { head: head.data, rows: rowsFrom(next, lines) };
}

async function* rowsFrom(
  first: IteratorResult<BackupLine, void>,
  lines: AsyncGenerator<BackupLine, void>
): AsyncGenerator<CopiedRow> {
  let rows = 0;
  let next = first;
  for (; !next.done && 'table' in next.value; next = await lines.next()) {
    rows += 1;
    yield copiedRow(next.value);
  }
  const complete = !next.done && 'end' in next.value && next.value.end === rows && (await lines.next()).done;
  if (!complete) throw unreadable('incomplete');
}

async function* readBackupLines(plain: AsyncIterable<Uint8Array>): AsyncGenerator<BackupLine, void> {
  for await (const line of readLines(plain)) {
    const parsed = BackupLine.safeParse(line);
    if (!parsed.success) throw unreadable('another version');
    yield parsed.data;
  }
}

const unreadable = (detail: string) => new LetterlockError('backup-unreadable', detail);
