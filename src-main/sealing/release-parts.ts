import type { GrantId, JobId } from '../../src-preload/contract/ids.ts';
import { wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { type Random, type Sealed, sealTo } from '../identity/hpke.ts';
import type { SealingKey } from '../identity/keys.ts';
import {
  jobPartContext,
  keySize,
  organizationPartContext,
  type ReleaseParts,
  releasePartsContext
} from './key-schedule.ts';
import type { Manifest } from './manifest.ts';
import type { OwnKey, Recipient } from './sealed-key.ts';

/** The way of the job part and the organization part: client → coordinator → one node inside one grant. */
export type { ReleaseParts } from './key-schedule.ts';

/** Client: J for the coordinator that keeps it. */
export const sealJobPart = (
  jobPart: Uint8Array,
  { job, coordinator }: { job: JobId; coordinator: Recipient },
  random?: Random
): Promise<Sealed> => sealTo(coordinator.sealingPublicKey, jobPart, jobPartContext(job, coordinator.id), random);

/** Coordinator: J, 32 bytes. Throws `seal-broken`. */
export async function openJobPart(
  sealed: Sealed,
  { job, coordinator }: { job: JobId; coordinator: OwnKey }
): Promise<Uint8Array> {
  const jobPart = await coordinator.key.open(sealed, jobPartContext(job, coordinator.id));
  if (jobPart.length !== keySize) throw new LetterlockError('seal-broken', 'job part');
  return jobPart;
}

/** Coordinator: O, 32 bytes, with the release key of the manifest's epoch. */
export const organizationPart = (releaseKey: SealingKey, manifest: Manifest): Promise<Uint8Array> =>
  releaseKey.exportSecret(
    Buffer.from(manifest.enc, 'base64url'),
    organizationPartContext(manifest.job, manifest.releaseKeyEpoch)
  );

/** Coordinator: both parts for one node under one grant. */
export async function sealReleaseParts(
  { jobPart, organizationPart }: ReleaseParts,
  { job, grant, node }: { job: JobId; grant: GrantId; node: Recipient },
  random?: Random
): Promise<Sealed> {
  const both = Buffer.concat([jobPart, organizationPart]);
  try {
    return await sealTo(node.sealingPublicKey, both, releasePartsContext(job, node.id, grant), random);
  } finally {
    wipe(both);
  }
}

/** Node: both parts; wipe them after use. Throws `grant-invalid`. */
export async function openReleaseParts(
  sealed: Sealed,
  { job, grant, node }: { job: JobId; grant: GrantId; node: OwnKey }
): Promise<ReleaseParts> {
  const both = await node.key.open(sealed, releasePartsContext(job, node.id, grant)).catch((cause: unknown) => {
    throw new LetterlockError('grant-invalid', 'release parts', { cause });
  });
  if (both.length !== 2 * keySize) throw new LetterlockError('grant-invalid', 'release parts');
  return { jobPart: both.subarray(0, keySize), organizationPart: both.subarray(keySize) };
}
