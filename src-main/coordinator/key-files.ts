import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DeviceId, OrganizationId } from '../../src-preload/contract/index.ts';
import { readJson, writeFileAtomic, writeJsonAtomic } from '../base/atomic-file.ts';
import { LetterlockError } from '../base/errors.ts';
import { type Authority, createAuthority, generateRsaKeys } from '../identity/certificate-authority.ts';
import { generateSealingKey, generateSigningKey } from '../identity/keys.ts';
import { type CountingKeyFiles, keyFolder, settleKeyFiles } from './key-replacement.ts';
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
}

/** Who signs certificates now; while certificates of the one before are about, also that one's and the link between them. */
export interface AuthorityKeys extends Authority {
  readonly previous?: { readonly certificatePem: string; readonly linkPem: string } | undefined;
}

/**
 * Opens them; with `create` makes those that are missing (a first start that was cut short goes on where it stopped).
 * Throws `storage-damaged` and names the file when one is missing that must be there, or is not the one that counts: nothing
 * could replace it.
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

  if (counting) await settleKeyFiles(dataDir, replaceableKeyFiles, counting);
  const ids = await json('ids.json', Ids, async () => ({
    organization: randomUUID() as OrganizationId,
    coordinator: randomUUID() as DeviceId
  }));
  return {
    ids,
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

function key(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes.length !== 32) throw new LetterlockError('storage-damaged', `keys/${name}`);
  return bytes;
}
