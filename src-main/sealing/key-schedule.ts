import { hkdfSync } from 'node:crypto';
import type { DeviceId, GrantId, JobId, PrinterId } from '../../src-preload/contract/ids.ts';
import { utf8 } from '../base/bytes.ts';

/**
 * Every key of a sealed job, every label and every associated data in one file: docs/spec/sealing.md, "Key schedule".
 * All keys are 32 bytes. Each AES key made here seals one message or one numbered stream, never a second.
 */
export const keySize = 32;

const labels = {
  payload: 'letterlock/v1/payload',
  keyEncryption: 'letterlock/v1/key-encryption',
  wrappedKey: 'letterlock/v1/wrapped-key',
  metadata: 'letterlock/v1/metadata',
  organizationPart: 'letterlock/v1/organization-part',
  sealedKey: 'letterlock/v1/sealed-key',
  jobPart: 'letterlock/v1/job-part',
  metadataKey: 'letterlock/v1/metadata-key',
  releaseParts: 'letterlock/v1/release-parts',
  releasedOrganizationPart: 'letterlock/v1/released-organization-part',
  releasedJobPart: 'letterlock/v1/released-job-part',
  escrowedJobPart: 'letterlock/v1/escrowed-job-part'
} as const;

/** From the content key K: the key of the segments, and the commitment that the header shows so that a wrong K is known. */
export function payloadKeys(contentKey: Uint8Array, salt: Uint8Array, job: JobId) {
  const both = hkdf(contentKey, salt, Buffer.concat([utf8(labels.payload), idBytes(job)]), 2 * keySize);
  return { payloadKey: both.subarray(0, keySize), commitment: both.subarray(keySize) };
}

/** The two parts that a release brings together at the node that has the third. */
export interface ReleaseParts {
  /** J, 32 bytes. */
  readonly jobPart: Uint8Array;
  /** O, 32 bytes. */
  readonly organizationPart: Uint8Array;
}

/** KEK, from both the job part J and the organization part O. */
export function keyEncryptionKey({ jobPart, organizationPart }: ReleaseParts, job: JobId): Uint8Array {
  const both = Buffer.concat([jobPart, organizationPart]);
  try {
    return hkdf(both, idBytes(job), utf8(labels.keyEncryption));
  } finally {
    both.fill(0);
  }
}

/** Associated data of W. */
export const wrappedKeyContext = (job: JobId): Uint8Array => Buffer.concat([utf8(labels.wrappedKey), idBytes(job)]);

/** The key of title and attributes. Who has J has it; it opens nothing else. */
export const metadataKeyOf = (jobPart: Uint8Array, job: JobId): Uint8Array =>
  hkdf(jobPart, idBytes(job), utf8(labels.metadata));

/** Associated data of the sealed title and attributes. */
export const metadataContext = (job: JobId): Uint8Array => Buffer.concat([utf8(labels.metadata), idBytes(job)]);

/** HPKE export of the organization part O. `epoch` is that of the release key. */
export const organizationPartContext = (job: JobId, epoch: number) => ({
  info: utf8(labels.organizationPart),
  label: Buffer.concat([idBytes(job), uint32(epoch)]),
  length: keySize
});

/** HPKE contexts: what is sealed, for which job, to whom. */
export const sealedKeyContext = (job: JobId, node: DeviceId) => sealContext(labels.sealedKey, job, node);
export const jobPartContext = (job: JobId, custodian: DeviceId) => sealContext(labels.jobPart, job, custodian);
export const metadataKeyContext = (job: JobId, reader: DeviceId) => sealContext(labels.metadataKey, job, reader);
export const releasePartsContext = (job: JobId, node: DeviceId, grant: GrantId) =>
  sealContext(labels.releaseParts, job, node, grant);
export const releasedOrganizationPartContext = (job: JobId, node: DeviceId, grant: GrantId) =>
  sealContext(labels.releasedOrganizationPart, job, node, grant);
/** `epoch` is that of the site's offline key. */
export const escrowedJobPartContext = (job: JobId, epoch: number) => ({
  info: utf8(labels.escrowedJobPart),
  aad: Buffer.concat([idBytes(job), uint32(epoch)])
});
/** The printer too: what the owner approved is not the coordinator's to change. */
export const releasedJobPartContext = (job: JobId, node: DeviceId, grant: GrantId, printer: PrinterId) =>
  sealContext(labels.releasedJobPart, job, node, grant, printer);

/** The 16 bytes of a UUID (RFC 9562). */
export const idBytes = (id: string): Uint8Array => Buffer.from(id.replaceAll('-', ''), 'hex');

const sealContext = (label: string, ...ids: string[]) => ({
  info: utf8(label),
  aad: Buffer.concat(ids.map(idBytes))
});

/** HKDF-SHA256 (RFC 5869); exported for its vectors. */
export function hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length = keySize): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', ikm, salt, info, length));
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
