import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { toBase64url, utf8, wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { type Random, type Sealed, sealTo } from '../identity/hpke.ts';
import { openMessage, sealMessage } from './aead.ts';
import { tagSize } from './blob-header.ts';
import { keySize, metadataContext, metadataKeyContext, metadataKeyOf } from './key-schedule.ts';
import type { Manifest } from './manifest.ts';
import type { OwnKey, Recipient } from './sealed-key.ts';

/**
 * What a job is called and how it wants to be printed: sealed under a key of its own, kept by the nodes beside the manifest
 * and never given to the coordinator, which for its part holds the key's origin (the job part) and so never reads a title.
 */
export const JobMetadata = z.strictObject({
  title: z.string().max(1023), // "job-name", RFC 8011
  documentFormat: z.string().min(1).max(255), // "document-format", RFC 8011
  /** Where known. */
  pages: z.int().positive().optional(),
  /** The job attributes as the IPP codec writes them in JSON: opaque here. */
  attributes: z.unknown().optional()
});
export type JobMetadata = z.infer<typeof JobMetadata>;

/** Throws `too-large`. */
export function sealMetadata(metadata: JobMetadata, metadataKey: Uint8Array, job: JobId): Uint8Array {
  const plain = utf8(JSON.stringify(metadata));
  if (plain.length + tagSize > limits.metadata) throw new LetterlockError('too-large', 'job attributes');
  return sealMessage(metadataKey, plain, metadataContext(job));
}

/** Compares with the manifest's digest, then opens, then parses. Throws `seal-broken`. */
export function openMetadata(sealed: Uint8Array, metadataKey: Uint8Array, manifest: Manifest): JobMetadata {
  if (sealed.length > limits.metadata || metadataDigest(sealed) !== manifest.metadataSha256)
    throw new LetterlockError('seal-broken', 'metadata');
  const plain = openMessage(metadataKey, sealed, metadataContext(manifest.job));
  try {
    return JobMetadata.parse(JSON.parse(Buffer.from(plain).toString('utf8')));
  } catch {
    throw new LetterlockError('seal-broken', 'metadata'); // no cause: it would quote the title
  } finally {
    wipe(plain);
  }
}

export const metadataDigest = (sealed: Uint8Array): string => toBase64url(createHash('sha256').update(sealed).digest());

/** The metadata key alone, for a reader that may show the title: made by the client or by the coordinator from J. */
export async function sealMetadataKey(
  jobPart: Uint8Array,
  { job, reader }: { job: JobId; reader: Recipient },
  random?: Random
): Promise<Sealed> {
  const metadataKey = metadataKeyOf(jobPart, job);
  try {
    return await sealTo(reader.sealingPublicKey, metadataKey, metadataKeyContext(job, reader.id), random);
  } finally {
    wipe(metadataKey);
  }
}

/** 32 bytes; wipe it after use. Throws `seal-broken`. */
export async function openMetadataKey(
  sealed: Sealed,
  { job, reader }: { job: JobId; reader: OwnKey }
): Promise<Uint8Array> {
  const metadataKey = await reader.key.open(sealed, metadataKeyContext(job, reader.id));
  if (metadataKey.length !== keySize) throw new LetterlockError('seal-broken', 'metadata key');
  return metadataKey;
}
