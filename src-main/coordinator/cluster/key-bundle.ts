import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { OrganizationId } from '../../../src-preload/contract/index.ts';
import { syncFolder, writeFileAtomic, writeJsonAtomic } from '../../base/atomic-file.ts';
import { utf8 } from '../../base/bytes.ts';
import { LetterlockError } from '../../base/errors.ts';
import { encodeLine, readLines } from '../../base/ndjson.ts';
import { generateRsaKeys } from '../../identity/certificate-authority.ts';
import { openStream, sealStream } from '../backup/sealed-stream.ts';

/**
 * The organization's keys in a file for one more coordinator over the same database, sealed to a passphrase as a backup is
 * (docs/spec/backup.md). Not in it: the key and the certificate of the listeners, which every machine has of its own.
 */
export async function writeKeyBundle(options: {
  readonly dataDir: string;
  /** Absolute, and not there yet. */
  readonly path: string;
  readonly organization: { readonly id: OrganizationId; readonly name: string };
  readonly passphrase: string;
}): Promise<void> {
  const { dataDir, path, organization, passphrase } = options;
  if (!isAbsolute(path)) throw new LetterlockError('input-invalid', 'path: absolute');
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new LetterlockError('conflict', 'this file exists');
    if (error.code === 'ENOENT') throw new LetterlockError('not-found', 'folder of the file');
    throw error;
  });
  try {
    for await (const piece of sealStream(linesOf(dataDir, organization), passphrase)) await file.appendFile(piece);
    await file.sync();
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * Makes the data folder of one more coordinator, whole or not at all. Throws `backup-unreadable`, and `conflict` when there is
 * something in `dataDir` already.
 */
export async function joinWithBundle(options: {
  readonly dataDir: string;
  readonly sealed: AsyncIterable<Uint8Array>;
  readonly passphrase: string;
}): Promise<{ readonly id: OrganizationId; readonly name: string }> {
  const { dataDir, sealed, passphrase } = options;
  await mkdir(dirname(dataDir), { recursive: true, mode: 0o700 });
  await rmdir(dataDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT')
      throw new LetterlockError('conflict', 'the data folder is not empty', { cause: error });
  });
  const folder = await mkdtemp(`${dataDir}.joining-`);
  try {
    const keys = join(folder, 'keys');
    await mkdir(keys, { mode: 0o700 });
    const organization = await unpack(keys, openStream(sealed, passphrase));
    await writeJsonAtomic(join(keys, 'tls.json'), await generateRsaKeys());
    await rename(folder, dataDir);
    await syncFolder(dirname(dataDir));
    return organization;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

const Head = z.strictObject({ keys: z.literal(1), organization: z.object({ id: OrganizationId, name: z.string() }) });
const KeyFile = z.strictObject({ file: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/), bytes: z.base64() });
const End = z.strictObject({ end: z.int() });

/** Of this machine alone; and what a write that was cut short left. */
const isShared = (name: string): boolean => !/^(tls\.json|certificate\.json)|\.(tmp|damaged|next)$/.test(name);

async function* linesOf(dataDir: string, organization: z.infer<typeof Head>['organization']) {
  const folder = join(dataDir, 'keys');
  const names = (await readdir(folder)).filter(isShared).sort();
  yield utf8(encodeLine({ keys: 1, organization } satisfies z.infer<typeof Head>));
  for (const file of names)
    yield utf8(encodeLine({ file, bytes: (await readFile(join(folder, file))).toString('base64') }));
  yield utf8(encodeLine({ end: names.length }));
}

async function unpack(folder: string, plain: AsyncIterable<Uint8Array>): Promise<z.infer<typeof Head>['organization']> {
  let organization: z.infer<typeof Head>['organization'] | undefined;
  let files = 0;
  let complete = false;
  for await (const line of readLines(plain)) {
    const parsed = z.union([Head, KeyFile, End]).safeParse(line);
    if (!parsed.success || complete) throw unreadable('another version');
    const said = parsed.data;
    if ('keys' in said) organization = said.organization;
    else if ('end' in said) complete = said.end === files;
    else {
      await writeFileAtomic(join(folder, basename(said.file)), Buffer.from(said.bytes, 'base64'));
      files += 1;
    }
  }
  if (!organization || !complete) throw unreadable('incomplete');
  return organization;
}

const unreadable = (detail: string) => new LetterlockError('backup-unreadable', detail);
