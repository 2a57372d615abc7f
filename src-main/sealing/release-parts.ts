import type { GrantId, JobId, PrinterId } from '../../src-preload/contract/ids.ts';
import { wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { type Random, type Sealed, sealTo } from '../identity/hpke.ts';
import type { SealingKey } from '../identity/keys.ts';
import {
  jobPartContext,
  keySize,
  organizationPartContext,
  type ReleaseParts,
  releasedJobPartContext,
  releasedOrganizationPartContext,
  releasePartsContext
} from './key-schedule.ts';
import type { Manifest } from './manifest.ts';
import type { OwnKey, Recipient } from './sealed-key.ts';

/**
 * The way of the job part and the organization part to one node under one grant. Custody `standard`: the coordinator keeps the
 * one, derives the other and seals both together. Custody `strict`: the device that printed the job keeps the job part, and
 * each of the two seals its own.
 */
export type { ReleaseParts } from './key-schedule.ts';

/** Client: J for its custodian, the coordinator or the client itself. */
export const sealJobPart = (
  jobPart: Uint8Array,
  { job, custodian }: { job: JobId; custodian: Recipient },
  random?: Random
): Promise<Sealed> => sealTo(custodian.sealingPublicKey, jobPart, jobPartContext(job, custodian.id), random);

/** Custodian: J, 32 bytes. Throws `seal-broken`. */
export async function openJobPart(
  sealed: Sealed,
  { job, custodian }: { job: JobId; custodian: OwnKey }
): Promise<Uint8Array> {
  const jobPart = await custodian.key.open(sealed, jobPartContext(job, custodian.id));
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

/** Custody `strict`, coordinator: O alone for one node under one grant. */
export const sealReleasedOrganizationPart = (
  organizationPart: Uint8Array,
  { job, grant, node }: { job: JobId; grant: GrantId; node: Recipient },
  random?: Random
): Promise<Sealed> =>
  sealTo(node.sealingPublicKey, organizationPart, releasedOrganizationPartContext(job, node.id, grant), random);

/** Custody `strict`, the owner's device: J for one node under one grant, for the one printer that was approved there. */
export const sealReleasedJobPart = (
  jobPart: Uint8Array,
  { job, grant, printer, node }: { job: JobId; grant: GrantId; printer: PrinterId; node: Recipient },
  random?: Random
): Promise<Sealed> =>
  sealTo(node.sealingPublicKey, jobPart, releasedJobPartContext(job, node.id, grant, printer), random);

/** Custody `strict`, node: both parts; wipe them after use. Throws `grant-invalid`. */
export async function openReleasedParts(
  sealed: { readonly organizationPart: Sealed; readonly jobPart: Sealed },
  { job, grant, printer, node }: { job: JobId; grant: GrantId; printer: PrinterId; node: OwnKey }
): Promise<ReleaseParts> {
  const open = async (part: Sealed, context: Parameters<typeof node.key.open>[1]) => {
    const opened = await node.key.open(part, context).catch((cause: unknown) => {
      throw new LetterlockError('grant-invalid', 'released part', { cause });
    });
    if (opened.length !== keySize) throw new LetterlockError('grant-invalid', 'released part');
    return opened;
  };
  const organizationPart = await open(sealed.organizationPart, releasedOrganizationPartContext(job, node.id, grant));
  const jobPart = await open(sealed.jobPart, releasedJobPartContext(job, node.id, grant, printer));
  return { jobPart, organizationPart };
}
