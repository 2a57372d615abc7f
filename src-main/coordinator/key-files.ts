import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DeviceId, OrganizationId } from '../../src-preload/contract/index.ts';
import { readJson, writeFileAtomic, writeJsonAtomic } from '../base/atomic-file.ts';
import { utf8 } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { type Authority, createAuthority, generateRsaKeys } from '../identity/certificate-authority.ts';
import { generateSealingKey, generateSigningKey } from '../identity/keys.ts';
import { parsedOrNothing } from './audit/records.ts';
import { type CountingKeyFiles, keyFolder, openKeyFolder } from './key-folder.ts';
import { masterFile } from './master-key.ts';
import { newKey } from './secret-wrap.ts';

/**
 * The coordinator's secrets outside the database: `<dataDir>/keys`, 0700, each file 0600. Release keys and
 * job parts lie in the database, encrypted under the first two, each under its own: without these files the database opens
 * nothing, and without the database these files open nothing.
 */
export interface KeyFiles {
  /** Wraps the release keys (by a key derived from it). 32 bytes. */
  readonly master: Uint8Array;
  /** Wraps the job parts. 32 bytes. */
  readonly custody: Uint8Array;
  /** PKCS#8 DER. */
  readonly signing: Uint8Array;
  readonly sealing: Uint8Array;
  readonly tls: { readonly publicKey: string; readonly privateKey: string };
  readonly authority: AuthorityKeys;
  readonly ids: { readonly organization: OrganizationId; readonly coordinator: DeviceId };
  /** Of those that had successors: which content it is. */
  readonly fingerprints: ReadonlyMap<string, string>;
}

/** Who signs certificates now; while certificates of the one before are about, also that one's and the link between them. */
export interface AuthorityKeys extends Authority {
  readonly previous?: { readonly certificatePem: string; readonly linkPem: string } | undefined;
}

/**
 * Opens them; with `create` makes those that are missing (a first start that was cut short goes on where it stopped).
 * Throws `storage-damaged` and names the file when one is missing that must be there, `keys-outdated` when one is not the one that
 * counts: nothing could replace it.
 */
export async function openKeyFiles(options: {
  readonly dataDir: string;
  readonly organizationName: string;
  readonly create: boolean;
  readonly now: number;
  /** Which contents count; without it those that are there. */
  readonly counting?: CountingKeyFiles;
}): Promise<KeyFiles> {
  const { dataDir, organizationName, create, now, counting } = options;
  const folder = keyFolder(dataDir);
  await mkdir(folder, { recursive: true, mode: 0o700 });

  const missing = (path: string) => new LetterlockError('storage-damaged', `keys/${basename(path)} is missing`);
  async function bytes(name: string, make: () => Uint8Array): Promise<Uint8Array> {
    const path = join(folder, name);
    const found = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      if (!create) throw missing(path);
      return null;
    });
    if (found) return new Uint8Array(found);
    const made = make();
    await writeFileAtomic(path, made);
    return made;
  }
  async function json<Schema extends z.ZodType>(name: string, schema: Schema, make: () => Promise<z.infer<Schema>>) {
    const path = join(folder, name);
    const found = await readJson(path, schema, { damaged: 'keep' });
    if (found !== null) return found;
    if (!create) throw missing(path);
    const made = await make();
    await writeJsonAtomic(path, made);
    return made;
  }

  const fingerprints = counting ? await settle(dataDir, counting) : new Map<string, string>();
  const ids = await json('ids.json', Ids, async () => ({
    organization: randomUUID() as OrganizationId,
    coordinator: randomUUID() as DeviceId
  }));
  return {
    ids,
    fingerprints,
    master: key(await bytes(masterFile, newKey), masterFile),
    custody: key(await bytes('custody.key', newKey), 'custody.key'),
    signing: await bytes('signing.key', generateSigningKey),
    sealing: await bytes('sealing.key', generateSealingKey),
    tls: await json('tls.json', Tls, generateRsaKeys),
    authority: await json(authorityFile, AuthorityFile, () =>
      createAuthority({ organization: { id: ids.organization, name: organizationName }, now })
    )
  };
}

const Ids = z.strictObject({ organization: OrganizationId, coordinator: DeviceId });
const Tls = z.strictObject({ publicKey: z.string(), privateKey: z.string() });
const AuthorityFile = z.strictObject({
  certificatePem: z.string(),
  privateKeyPem: z.string(),
  previous: z.strictObject({ certificatePem: z.string(), linkPem: z.string() }).optional()
});

export const authorityFile = 'authority.json';
/** Those that have successors (key-replacement.ts). */
export const replaceableKeyFiles = [masterFile, authorityFile] as const;

/** Finishes what a stop has cut short. */
async function settle(dataDir: string, counting: CountingKeyFiles): Promise<Map<string, string>> {
  const folder = openKeyFolder(dataDir);
  const fingerprints = new Map<string, string>();
  for (const name of replaceableKeyFiles) {
    const counts = await counting.fingerprint(name);
    if (counts === undefined) continue;
    await folder.settle(name, counts);
    fingerprints.set(name, counts);
  }
  return fingerprints;
}

export const authorityFileOf = (keys: AuthorityKeys): Uint8Array => utf8(`${JSON.stringify(keys)}\n`);

/** Throws `input-invalid`. */
export function authorityKeysOf(content: Uint8Array): AuthorityKeys {
  const parsed = AuthorityFile.safeParse(parsedOrNothing(Buffer.from(content).toString('utf8')));
  if (!parsed.success) throw new LetterlockError('input-invalid', authorityFile);
  return parsed.data;
}

/** Throws `input-invalid` for what could not be the content of a file that has successors. */
export function requireKeyFile(name: string, content: Uint8Array): void {
  if (name === authorityFile) authorityKeysOf(content);
  else if (name !== masterFile || content.length !== 32) throw new LetterlockError('input-invalid', 'key file');
}

function key(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes.length !== 32) throw new LetterlockError('storage-damaged', `keys/${name}`);
  return bytes;
}
