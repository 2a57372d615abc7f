import { createHash } from 'node:crypto';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { fromBase64url, toBase64url, wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { decoded } from '../identity/base64url.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import type { Organization } from '../organization/organization.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import type { Commit, Stored } from '../protocol/node-api.ts';
import { type Manifest, openManifest } from '../sealing/manifest.ts';
import { openWrappedKey } from '../sealing/sealed-key.ts';
import { ownSite } from './own-site.ts';

/** Who may put a replica here: the client that printed it, or another node that holds it. Throws `not-allowed`. */
export function requireUploader(caller: DirectoryDevice): void {
  if (!caller.roles.includes('client') && !caller.roles.includes('node')) throw new LetterlockError('not-allowed');
}

/** The manifest, if it is of this job, organization and site, from a device that may say so, and not over. */
export function readAdmissible(
  { manifest: signed }: Commit,
  options: {
    readonly job: JobId;
    readonly caller: DirectoryDevice;
    readonly identity: DeviceIdentity;
    readonly organization: Organization;
    readonly now: number;
  }
): Manifest {
  const { job, caller, identity, organization, now } = options;
  if (signed.signer !== caller.id && !caller.roles.includes('node')) throw new LetterlockError('not-allowed');
  const author = organization.device(signed.signer);
  // A node is one too where shared printers are allowed: for the user who signed in there, as the coordinator then confirms.
  const shared = organization.directory()?.policy.sharedPrinters === true && author?.roles.includes('node');
  if (!author || !(author.roles.includes('client') || shared))
    throw new LetterlockError('device-not-approved', 'signer of the manifest');
  const manifest = openManifest(signed, decoded(author.signing));

  if (manifest.job !== job) throw new LetterlockError('input-invalid', 'manifest.job');
  if (manifest.organization !== identity.organization.id)
    throw new LetterlockError('input-invalid', 'manifest.organization');
  if (manifest.site !== ownSite(organization, identity.id)) throw new LetterlockError('policy-refused', 'site');
  const left = Date.parse(manifest.expires) - now;
  if (left <= 0) throw new LetterlockError('job-expired');
  if (left > limits.holdHours * 3_600_000) throw new LetterlockError('policy-refused', 'manifest.expires');
  return manifest;
}

/** That what was stored is what the manifest says, and that this node's seal opens. W itself is forgotten at once. */
export async function checkContent(
  { metadata, sealedKey }: Commit,
  manifest: Manifest,
  stored: Stored,
  identity: DeviceIdentity
): Promise<void> {
  if (stored.blobSize < manifest.blobSize) throw new LetterlockError('upload-truncated');
  if (stored.blobSize !== manifest.blobSize || stored.sha256 !== manifest.sha256) {
    throw new LetterlockError('digest-mismatch', 'blob');
  }
  const sealedMetadata = fromBase64url(metadata);
  if (!sealedMetadata || sha256(sealedMetadata) !== manifest.metadataSha256) {
    throw new LetterlockError('digest-mismatch', 'metadata');
  }
  wipe(await openWrappedKey(sealedKey, manifest.job, { id: identity.id, key: identity.sealing }));
}

const sha256 = (bytes: Uint8Array): string => toBase64url(createHash('sha256').update(bytes).digest());
