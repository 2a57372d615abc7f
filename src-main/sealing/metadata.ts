import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { DocumentFacts } from '../../src-preload/contract/views.ts';
import { toBase64url, utf8, wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { base64url } from '../identity/base64url.ts';
import { type Random, type Sealed, sealTo } from '../identity/hpke.ts';
import { openMessage, sealMessage } from './aead.ts';
import { tagSize } from './blob-header.ts';
import { keySize, metadataContext, metadataKeyContext, metadataKeyOf } from './key-schedule.ts';
import type { Manifest } from './manifest.ts';
import type { OwnKey, Recipient } from './sealed-key.ts';

/** The exact bytes of an IPP attribute group. */
const attributes = base64url(0, limits.metadata);

/**
 * What a job is called and how it wants to be printed: sealed under a key of its own, kept by the nodes beside the manifest
 * and never given to the coordinator, which for its part holds the key's origin (the job part) and so never reads a title.
 */
export const JobMetadata = z.strictObject({
  v: z.literal(2),
  title: z.string().max(1023), // "job-name", RFC 8011
  /** Job template attributes: the exact bytes of an IPP attribute group (RFC 8010), opaque here. */
  attributes,
  /** In their order; the blob is their concatenation. */
  documents: z
    .array(
      z.strictObject({
        format: z.string().min(1).max(255), // "document-format", RFC 8011
        /** Bytes of it in the blob. */
        size: z.int().min(0).max(limits.document),
        name: z.string().max(1023).optional(), // "document-name", RFC 8011
        /** Document template attributes (PWG 5100.5), as above. */
        attributes: attributes.optional(),
        facts: DocumentFacts.default({})
      })
    )
    .min(1)
    .max(limits.documentsPerJob)
});
export type JobMetadata = z.infer<typeof JobMetadata>;

/** Bytes of all documents together: the size of what the blob holds. */
export const documentsSize = ({ documents }: Pick<JobMetadata, 'documents'>): number =>
  documents.reduce((sum, { size }) => sum + size, 0);

/** Throws what `encodeMetadata` throws. */
export function sealMetadata(metadata: JobMetadata, metadataKey: Uint8Array, job: JobId): Uint8Array {
  const plain = encodeMetadata(metadata);
  try {
    return sealMessage(metadataKey, plain, metadataContext(job));
  } finally {
    wipe(plain);
  }
}

/**
 * As it is sealed: nothing that could not be read again. Throws `input-invalid`, `too-large`; exported so that this is known
 * before a document is read.
 */
export function encodeMetadata(metadata: JobMetadata): Uint8Array {
  const sound = JobMetadata.safeParse(metadata);
  if (!sound.success) throw new LetterlockError('input-invalid', 'job attributes'); // no cause: it would quote the title
  const plain = utf8(JSON.stringify(sound.data));
  if (plain.length + tagSize > limits.metadata) throw new LetterlockError('too-large', 'job attributes');
  return plain;
}

/** Compares with the manifest's digest, opens, parses, and compares the documents with its size. Throws `seal-broken`. */
export function openMetadata(sealed: Uint8Array, metadataKey: Uint8Array, manifest: Manifest): JobMetadata {
  if (sealed.length > limits.metadata || metadataDigest(sealed) !== manifest.metadataSha256)
    throw new LetterlockError('seal-broken', 'metadata');
  const metadata = parseMetadata(openMessage(metadataKey, sealed, metadataContext(manifest.job)));
  if (documentsSize(metadata) !== manifest.size) throw new LetterlockError('seal-broken', 'documents');
  return metadata;
}

/** Wipes what it reads. */
function parseMetadata(plain: Uint8Array): JobMetadata {
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
