import { z } from 'zod';
import { DeviceId, OrganizationId } from '../../src-preload/contract/index.ts';
import { limits } from '../base/limits.ts';
import { base64url } from '../identity/base64url.ts';
import { Signed } from '../identity/signed-statement.ts';

/**
 * What leaves the coordinator of its audit log as signed statements (docs/spec/audit.md). Kind `audit-checkpoint`: the row
 * `sequence` had this hash, and with it every row before had the content that it has.
 */
export const AuditCheckpoint = z.strictObject({
  organization: OrganizationId,
  sequence: z.int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime()
});
export type AuditCheckpoint = z.infer<typeof AuditCheckpoint>;

/** What a machine has kept of it: evidence that the coordinator cannot take back. */
export const AuditCopy = z.object({
  organization: OrganizationId,
  /** As the machine was told when it was paired: raw Ed25519, base64url. */
  coordinator: z.object({ id: DeviceId, signing: base64url(32) }),
  /** Oldest first. */
  checkpoints: z.array(Signed).max(limits.auditCopies),
  /** A checkpoint that contradicts those: an older row as the newest, or another hash of the same row. */
  refused: Signed.nullable()
});
export type AuditCopy = z.infer<typeof AuditCopy>;
