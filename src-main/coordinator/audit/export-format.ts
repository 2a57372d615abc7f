import { z } from 'zod';
import { AuditFilter, DeviceId, OrganizationId } from '../../../src-preload/contract/index.ts';
import { base64url } from '../../identity/base64url.ts';
import { Signed } from '../../identity/signed-statement.ts';

/**
 * The lines of an export (docs/spec/audit.md): who vouches for it, then pages: rows as they are hashed, what is left out
 * between them, checkpoints, and at the end of each page the coordinator's signature over the page.
 */
export const exportVersion = 1;

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Sequence = z.int().min(0);

export const ExportHeader = z.strictObject({
  audit: z.literal(exportVersion),
  organization: z.strictObject({ id: OrganizationId, name: z.string().max(256) }),
  /** Raw public keys. */
  coordinator: z.strictObject({ id: DeviceId, signing: base64url(32), sealing: base64url(32) }),
  /** PEM: the coordinator's, which names its keys, and the authority's. */
  certificates: z.tuple([z.string().max(16_384), z.string().max(16_384)])
});
export type ExportHeader = z.infer<typeof ExportHeader>;

/** Kind `audit-page`. */
export const ExportPage = z.strictObject({
  organization: OrganizationId,
  first: z.boolean(),
  last: z.boolean(),
  /** Rows after this one, up to and including that one, whose hash is this. */
  after: Sequence,
  to: Sequence,
  hash: Hash,
  /** What was searched for; null: everything. */
  filter: AuditFilter.strict().nullable(),
  /** Of the page's lines before this one. */
  sha256: Hash,
  at: z.iso.datetime()
});
export type ExportPage = z.infer<typeof ExportPage>;

export const ExportLine = z.union([
  z.strictObject({
    row: z.strictObject({
      sequence: z.int().positive(),
      time: z.string(),
      actor: z.string(),
      action: z.string(),
      subject: z.string(),
      detail: z.record(z.string(), z.unknown()),
      hash: Hash
    })
  }),
  /** Rows up to `to` are left out; the last of them has this hash. */
  z.strictObject({ skipped: z.strictObject({ to: z.int().positive(), hash: Hash }) }),
  z.strictObject({ checkpoint: Signed }),
  z.strictObject({ page: Signed })
]);
export type ExportLine = z.infer<typeof ExportLine>;
