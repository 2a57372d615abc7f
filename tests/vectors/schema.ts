import { z } from 'zod';
import { fromBase64url } from '../../src-main/base/bytes.ts';
import { Manifest } from '../../src-main/sealing/manifest.ts';
import { DeviceId, GrantId, JobId, PrinterId } from '../../src-preload/contract/ids.ts';

/**
 * The form of the vector files. Bytes are base64url without padding; `valid: false` means that the case must be refused.
 * What an attacker controls is `unknown`: reading it is part of the test.
 */
const bytes = z.string().transform((text, context) => {
  const value = fromBase64url(text);
  if (!value) context.addIssue('not base64url');
  return value ?? new Uint8Array();
});
const cases = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.array(z.strictObject({ name: z.string(), valid: z.boolean(), ...shape }));

export const vectorFiles = {
  /** HKDF-SHA256: `okm`, as long as it is, from the other three. */
  hkdf: cases({ ikm: bytes, salt: bytes, info: bytes, okm: bytes }),

  /** HPKE: `sealed` opens to `plaintext`; exporting from its `enc` under `label` gives `secret`. */
  hpke: cases({
    privateKey: bytes,
    info: bytes,
    aad: bytes,
    sealed: z.unknown(),
    plaintext: bytes,
    exports: z.array(z.strictObject({ label: bytes, secret: bytes })),
    /** Seed of the ephemeral key, where sealing must give `sealed` again. */
    ikmE: bytes.optional()
  }),

  /** Every derived key, from the secrets. */
  'key-schedule': cases({
    job: JobId,
    contentKey: bytes,
    salt: bytes,
    jobPart: bytes,
    organizationPart: bytes,
    payloadKey: bytes,
    commitment: bytes,
    keyEncryptionKey: bytes,
    wrappedKey: bytes,
    metadataKey: bytes
  }),

  /** `blob` opens to `document`; an invalid one, fed byte by byte, gives `released` bytes of it before it is refused. */
  blob: cases({
    job: JobId,
    contentKey: bytes,
    size: z.int(),
    segmentSize: z.int(),
    blob: bytes,
    document: bytes,
    released: z.int()
  }),

  /** `signed` verifies with `publicKey` and says `manifest`. */
  manifest: cases({ publicKey: bytes, signed: z.unknown(), manifest: z.unknown() }),

  /** `sealedKey`, opened by its holder and with both other parts, gives `contentKey`. */
  'sealed-key': cases({
    job: JobId,
    holder: DeviceId,
    privateKey: bytes,
    jobPart: bytes,
    organizationPart: bytes,
    sealedKey: z.unknown(),
    contentKey: bytes
  }),

  /** Sealed title and attributes, under a manifest already verified and the key derived from the job part. */
  metadata: cases({ manifest: Manifest, metadataKey: bytes, sealed: bytes, metadata: z.unknown() }),

  /** The organization part, from a manifest and the release key. */
  'organization-part': cases({ manifest: Manifest, releasePrivateKey: bytes, organizationPart: bytes }),

  /** What is sealed to one reader for one job: J, the metadata key, J ‖ O under one grant, or each of them (strict custody). */
  parts: cases({
    kind: z.enum(['job-part', 'metadata-key', 'release-parts', 'released-organization-part', 'released-job-part']),
    job: JobId,
    reader: DeviceId,
    grant: GrantId.optional(),
    printer: PrinterId.optional(),
    privateKey: bytes,
    sealed: z.unknown(),
    secret: bytes
  }),

  /** `signed` is a manifest of version 2, and the job part escrowed in it, opened with the offline key, is `jobPart`. */
  escrow: cases({ publicKey: bytes, offlinePrivateKey: bytes, signed: z.unknown(), jobPart: bytes }),

  /** A release ticket: at `now`, under the key of `device`, `text` says the rest. */
  ticket: cases({
    publicKey: bytes,
    now: z.int(),
    text: z.string(),
    job: JobId,
    device: DeviceId,
    expires: z.int(),
    jobPart: bytes
  }),

  /**
   * An IPP message: `bytes` say `message` and `message` encodes to them; or they are refused as a request with `status`, and as
   * a reply say `reply`, where there is one, or are refused too.
   */
  'ipp-messages': cases({
    bytes,
    message: z.unknown().optional(),
    status: z.string().optional(),
    reply: z.unknown().optional()
  })
} as const;
export type VectorFile = keyof typeof vectorFiles;
