import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { AuditRowView, OrganizationId } from '../../../src-preload/contract/index.ts';
import { utf8 } from '../../base/bytes.ts';

/**
 * How rows of the audit log hang together: each row's hash covers the previous row's hash and its own canonical bytes, so no
 * row can be removed, changed, moved or slipped in without breaking every later one. Checkpoints sign a hash, and with it
 * everything before it. Pure: this and the verifier are all that an offline check needs.
 */
export type AuditRow = z.infer<typeof AuditRowView>;
/** Never a secret and never a title. */
export type AuditDetail = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** What stands where the hash of row 0 would be. */
export const genesis = (organization: OrganizationId): string => sha256(utf8(`letterlock/v1/audit\0${organization}`));

/** SHA-256(previous hash ‖ canonical row), lower-case hex. */
export const rowHash = (previous: string, row: Omit<AuditRow, 'hash'>): string =>
  sha256(Buffer.concat([Buffer.from(previous, 'hex'), utf8(canonicalRow(row))]));

/** JSON text with the names of the detail in order, so that equal details have one text. */
export const canonicalDetail = (detail: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(detail).sort(([a], [b]) => (a < b ? -1 : 1))));

const canonicalRow = ({ sequence, time, actor, action, subject, detail }: Omit<AuditRow, 'hash'>): string =>
  `${JSON.stringify([sequence, time, actor, action, subject])}${canonicalDetail(detail)}`;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
