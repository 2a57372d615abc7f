import { z } from 'zod';
import { DeviceId, JobId, OrganizationId, UserId } from '../../src-preload/contract/ids.ts';
import { Custody } from '../../src-preload/contract/views.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { base64url } from '../identity/base64url.ts';
import type { SigningKey } from '../identity/keys.ts';
import { openStatement, type Signed, signStatement } from '../identity/signed-statement.ts';
import { blobSizeOf, isSegmentSize, segmentsOf } from './blob-header.ts';
import { Escrow } from './escrow.ts';

/**
 * The public part of a sealed job, signed by the client's device as a statement of kind `manifest`. It says how large and
 * how old the job is and who may have it, never what it is called or what is in it.
 */
/** What the way to the printer must be: IPP over TLS with the approved certificate, that if possible, or anything. */
export const DeliveryGrade = z.enum(['ipps-required', 'ipps-preferred', 'plain-allowed']);
export type DeliveryGrade = z.infer<typeof DeliveryGrade>;

const sha256 = base64url(32);

export const Manifest = z
  .strictObject({
    /** 2: with `escrow` or `copies`. */
    v: z.union([z.literal(1), z.literal(2)]),
    job: JobId,
    organization: OrganizationId,
    site: z.string().min(1).max(limits.nameLength),
    owner: UserId,
    device: DeviceId,
    /** RFC 3339, UTC, milliseconds. */
    created: z.iso.datetime({ precision: 3 }),
    expires: z.iso.datetime({ precision: 3 }),
    /** Bytes of the document. */
    size: z.int().min(0).max(limits.document),
    /** Bytes of the blob: header, segments and tags. */
    blobSize: z.int().positive(),
    /** Bytes of plaintext in every segment but the last. */
    segmentSize: z.int().refine(isSegmentSize),
    segments: z.int().positive(),
    /** SHA-256 of the whole blob. */
    sha256,
    /** SHA-256 of the sealed metadata. */
    metadataSha256: sha256,
    /** Which release key of the site. */
    releaseKeyEpoch: z.int().min(0).max(0xffffffff),
    /** HPKE encapsulation to that release key, from which the organization part is derived. */
    enc: base64url(32),
    custody: Custody,
    deliveryGrade: DeliveryGrade,
    /** Only where stations may release jobs while the coordinator is away. */
    escrow: Escrow.optional(),
    /** How many replicas there are to be, where that is not what the organization's settings say. */
    copies: z.int().min(1).max(5).optional()
  })
  .refine((m) => (m.v === 2) === (m.escrow !== undefined || m.copies !== undefined), { path: ['v'] })
  .refine((m) => m.escrow === undefined || m.custody === 'standard', { path: ['escrow'] })
  .refine((m) => m.segments === segmentsOf(m.size, m.segmentSize), { path: ['segments'] })
  .refine((m) => m.blobSize === blobSizeOf(m.size, m.segmentSize), { path: ['blobSize'] })
  .refine((m) => Date.parse(m.created) < Date.parse(m.expires), { path: ['expires'] });
export type Manifest = z.infer<typeof Manifest>;

export const signManifest = (manifest: Manifest, key: SigningKey): Promise<Signed> =>
  signStatement('manifest', manifest, { id: manifest.device, key });

/** Verifies with the client device's signing key, then parses. Throws `seal-broken`. */
export function openManifest(signed: Signed, devicePublicKey: Uint8Array): Manifest {
  const manifest = openStatement({
    kind: 'manifest',
    signed,
    publicKey: devicePublicKey,
    schema: Manifest,
    maxBytes: limits.manifest,
    code: 'seal-broken'
  });
  if (manifest.device !== signed.signer) throw new LetterlockError('seal-broken', 'manifest: device');
  return manifest;
}
