import { randomBytes } from 'node:crypto';
import type { DeviceId, JobId, OrganizationId, UserId } from '../../src-preload/contract/ids.ts';
import type { Custody } from '../../src-preload/contract/views.ts';
import { toBase64url, wipe } from '../base/bytes.ts';
import { isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { exportTo, type Random, type Sealed } from '../identity/hpke.ts';
import type { SigningKey } from '../identity/keys.ts';
import type { Signed } from '../identity/signed-statement.ts';
import { type BlobSealer, createBlobSealer } from './blob.ts';
import { saltSize } from './blob-header.ts';
import { escrowJobPart } from './escrow.ts';
import { keySize, metadataKeyOf, organizationPartContext, type ReleaseParts } from './key-schedule.ts';
import { type DeliveryGrade, Manifest, signManifest } from './manifest.ts';
import {
  documentsSize,
  type JobMetadata,
  metadataDigest,
  openMetadata,
  sealMetadata,
  sealMetadataKey
} from './metadata.ts';
import { type BlobReader, openBlob } from './open-blob.ts';
import { sealJobPart } from './release-parts.ts';
import {
  type OwnKey,
  openWrappedKey,
  type Recipient,
  sealWrappedKey,
  unwrapContentKey,
  wrapContentKey
} from './sealed-key.ts';

/**
 * A sealed job, from both ends: the client begins one and forgets every key; a node that has been given the other two parts
 * opens one. Keys live in memory only, between `beginSealedJob` or `openSealedJob` and `wipe`.
 */
export interface SealedJobRequest {
  readonly job: JobId;
  readonly organization: OrganizationId;
  readonly site: string;
  readonly owner: UserId;
  readonly device: { readonly id: DeviceId; readonly signingKey: SigningKey };
  /** The site's current release key: 32 bytes, raw X25519. */
  readonly releaseKey: { readonly epoch: number; readonly publicKey: Uint8Array };
  /** Milliseconds since the Unix epoch. */
  readonly created: number;
  readonly expires: number;
  readonly custody: Custody;
  readonly deliveryGrade: DeliveryGrade;
  /** Replicas that there are to be, where a rule of the policy says so. */
  readonly copies?: number | undefined;
  /** The site's offline key, for a second copy of J that stations can open: docs/spec/sealing.md, "Without the coordinator". */
  readonly offlineKey?: { readonly epoch: number; readonly publicKey: Uint8Array } | undefined;
}

export interface SealingJob {
  /** Usable at once: the asymmetric work goes on beside it. */
  readonly blob: BlobSealer;
  /** The node part for one holder; for the client itself too, while the job waits in its outbox. */
  wrapFor(node: Recipient): Promise<Sealed>;
  /** The job part for who keeps it: the coordinator (custody `standard`), or the client itself (`strict`). */
  sealJobPartFor(custodian: Recipient): Promise<Sealed>;
  /** The key of title and attributes, for a reader. */
  sealMetadataKeyFor(reader: Recipient): Promise<Sealed>;
  /**
   * Once, after `blob.final`: the signed manifest, and the metadata sealed, which goes to nodes only. Throws `input-invalid`, also
   * for documents that do not add up to the blob, and `too-large` for metadata beyond its limit. `voters`: who keeps the job's one
   * claim; without them J is not escrowed.
   */
  finish(metadata: JobMetadata, voters?: readonly DeviceId[]): Promise<{ manifest: Signed; metadata: Uint8Array }>;
  /** Forgets every key. To be called however the job ended. */
  wipe(): void;
}

/** `random` and `segmentSize` are for tests and vectors. */
export function beginSealedJob(
  request: SealedJobRequest,
  options: { readonly random?: Random; readonly segmentSize?: number } = {}
): SealingJob {
  const { job, device, releaseKey } = request;
  const { random = randomBytes, ...blobOptions } = options;
  const contentKey = random(keySize);
  const jobPart = random(keySize);
  const blob = createBlobSealer({ job, contentKey, salt: random(saltSize), ...blobOptions });

  const keys = exportTo(releaseKey.publicKey, organizationPartContext(job, releaseKey.epoch), random)
    .then(({ enc, secret }) => {
      const wrapped = wrapContentKey(contentKey, { jobPart, organizationPart: secret }, job);
      wipe(secret);
      return { enc, wrapped };
    })
    .finally(() => wipe(contentKey));
  keys.catch(() => {}); // reported to whoever asks for a key or the manifest

  let wiped = false;
  let finished = false;
  const expectKeys = () => {
    if (wiped) throw new TypeError('the keys of this job are wiped');
  };

  return {
    blob,
    async wrapFor(node) {
      const { wrapped } = await keys;
      expectKeys();
      return sealWrappedKey(wrapped, job, node, random);
    },
    async sealJobPartFor(custodian) {
      expectKeys();
      return sealJobPart(jobPart, { job, custodian }, random);
    },
    async sealMetadataKeyFor(reader) {
      expectKeys();
      return sealMetadataKey(jobPart, { job, reader }, random);
    },
    async finish(content, voters = []) {
      if (finished) throw new TypeError('the metadata key seals one message');
      finished = true;
      const { enc } = await keys;
      expectKeys();
      if (documentsSize(content) !== blob.size) throw new LetterlockError('input-invalid', 'documents');
      const metadataKey = metadataKeyOf(jobPart, job);
      const metadata = sealMetadata(content, metadataKey, job);
      wipe(metadataKey);
      const { offlineKey, copies } = request;
      const escrow =
        offlineKey && voters.length > 0 && request.custody === 'standard'
          ? await escrowJobPart(jobPart, { job, offlineKey, voters }, random)
          : undefined;
      const manifest = Manifest.safeParse({
        v: escrow || copies !== undefined ? 2 : 1,
        job,
        organization: request.organization,
        site: request.site,
        owner: request.owner,
        device: device.id,
        created: isoTime(request.created),
        expires: isoTime(request.expires),
        size: blob.size,
        blobSize: blob.blobSize,
        segmentSize: blob.segmentSize,
        segments: blob.segments,
        sha256: toBase64url(blob.sha256()),
        metadataSha256: metadataDigest(metadata),
        releaseKeyEpoch: releaseKey.epoch,
        enc: toBase64url(enc),
        custody: request.custody,
        deliveryGrade: request.deliveryGrade,
        ...(escrow ? { escrow } : {}),
        ...(copies === undefined ? {} : { copies })
      } satisfies Manifest);
      if (!manifest.success) throw new LetterlockError('input-invalid', 'manifest', { cause: manifest.error });
      return { manifest: await signManifest(manifest.data, device.signingKey), metadata };
    },
    wipe() {
      wiped = true;
      blob.wipe();
      wipe(jobPart);
      keys.then(({ wrapped }) => wipe(wrapped)).catch(() => {});
    }
  };
}

export interface OpenedJob {
  /** The document, verified, in order; see open-blob.ts. Throws `seal-broken`. */
  openBlob(
    source: BlobReader | AsyncIterable<Uint8Array>,
    signal?: AbortSignal
  ): AsyncGenerator<Buffer, void, undefined>;
  /** Title and attributes. Throws `seal-broken`. */
  metadata(sealed: Uint8Array): JobMetadata;
  /** Forgets every key. */
  wipe(): void;
}

export interface SealedJob {
  /** As `openManifest` returned it: verified. */
  readonly manifest: Manifest;
  readonly sealedKey: Sealed;
  readonly node: OwnKey;
  /** Not kept; the caller wipes them. */
  readonly parts: ReleaseParts;
}

/** All three parts together. Throws `seal-broken` when any of them is not this job's. */
export async function openSealedJob({ manifest, sealedKey, node, parts }: SealedJob): Promise<OpenedJob> {
  const { job, size, segmentSize } = manifest;
  const wrapped = await openWrappedKey(sealedKey, job, node);
  const contentKey = unwrapContentKey(wrapped, parts, job);
  wipe(wrapped);
  const metadataKey = metadataKeyOf(parts.jobPart, job);
  return {
    openBlob: (source, signal) => openBlob(source, { job, size, segmentSize, contentKey }, signal),
    metadata: (sealed) => openMetadata(sealed, metadataKey, manifest),
    wipe: () => wipe(contentKey, metadataKey)
  };
}
