import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { limits } from '../base/limits.ts';
import { base64url, decoded } from '../identity/base64url.ts';
import { Sealed } from '../identity/hpke.ts';
import { Signed } from '../identity/signed-statement.ts';
import { Manifest } from '../sealing/manifest.ts';

/** What lies beside a blob: all that a release needs, all of it signed or sealed. */
export const Envelope = z.strictObject({
  manifest: Signed,
  /** Sealed title and attributes. */
  metadata: base64url(1, 2 * limits.metadata),
  /** W, sealed to this node. */
  sealedKey: Sealed,
  committed: z.iso.datetime()
});
export type Envelope = z.infer<typeof Envelope>;

/** Null when there is none that can be read. */
export async function readEnvelope(folder: string): Promise<Envelope | null> {
  try {
    return Envelope.parse(JSON.parse(await readFile(join(folder, 'envelope.json'), 'utf8')));
  } catch {
    return null;
  }
}

/** Whether the folder of a job holds what its envelope says, as far as can be known without reading the blob. */
export async function isWhole(folder: string, job: JobId, { manifest: signed }: Envelope): Promise<boolean> {
  const manifest = readManifest(signed);
  const blob = await stat(join(folder, 'blob')).catch(() => null);
  return manifest?.job === job && blob?.size === manifest.blobSize;
}

/** What a signed manifest says, unverified: enough to keep house by, never enough to print by. Null when it says nothing. */
export function readManifest({ payload }: Signed): Manifest | null {
  try {
    return Manifest.parse(JSON.parse(Buffer.from(decoded(payload)).toString('utf8')));
  } catch {
    return null;
  }
}
