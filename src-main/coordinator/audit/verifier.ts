import type { z } from 'zod';
import type { AuditReport, DeviceId, OrganizationId } from '../../../src-preload/contract/index.ts';
import { openStatement, Signed } from '../../identity/signed-statement.ts';
import { AuditCheckpoint, type AuditRow, genesis, rowHash } from './chain.ts';

export interface AuditAuthority {
  readonly organization: OrganizationId;
  readonly coordinator: { readonly id: DeviceId /** Raw Ed25519. */; readonly signing: Uint8Array };
}

export interface AuditVerifier {
  /** In order, from the first row on. */
  row(row: AuditRow): void;
  /** After the row that it signs. */
  checkpoint(signed: unknown): void;
  /** After the last row, which must be signed. Stops at the first thing that is wrong. */
  report(): z.infer<typeof AuditReport>;
}

/**
 * Checks a log row by row, in constant memory, with nothing but the coordinator's public key. `anchor`: a checkpoint that was
 * kept elsewhere; with it a log cut off at a signed row is found too, which nothing inside the log could show.
 */
export function createAuditVerifier(authority: AuditAuthority, anchor?: unknown): AuditVerifier {
  let head = genesis(authority.organization);
  let rows = 0;
  let signatures = 0;
  let signedUpTo = 0;
  let broken: { row: number; reason: string } | null = null;
  const breakAt = (row: number, reason: string) => {
    broken ??= { row, reason };
  };

  const known = anchor === undefined ? undefined : openCheckpoint(anchor, authority);
  if (anchor !== undefined && !known) breakAt(0, 'the checkpoint kept elsewhere is not signed by this coordinator');

  return {
    row(row) {
      if (broken) return;
      if (row.sequence !== rows + 1) return breakAt(rows + 1, `row ${row.sequence} where ${rows + 1} should be`);
      if (row.hash !== rowHash(head, row)) return breakAt(row.sequence, 'the row was changed');
      if (known?.sequence === row.sequence && known.hash !== row.hash)
        return breakAt(row.sequence, 'the row is not the one that was signed before');
      head = row.hash;
      rows = row.sequence;
    },
    checkpoint(signed) {
      if (broken) return;
      const checkpoint = openCheckpoint(signed, authority);
      if (!checkpoint) return breakAt(rows, 'a checkpoint is not signed by this coordinator');
      if (checkpoint.sequence > rows) return breakAt(rows + 1, 'rows are missing at the end');
      if (checkpoint.sequence !== rows || checkpoint.hash !== head)
        return breakAt(checkpoint.sequence, 'the row is not the one that was signed');
      signatures += 1;
      signedUpTo = rows;
    },
    report() {
      if (rows === 0) breakAt(1, 'the log is empty');
      if (known && known.sequence > rows) breakAt(rows + 1, 'rows are missing at the end');
      if (signedUpTo !== rows) breakAt(signedUpTo + 1, 'rows at the end are not signed');
      return {
        intact: broken === null,
        rows,
        signatures,
        head,
        firstBroken: broken?.row ?? null,
        reason: broken?.reason ?? null
      };
    }
  };
}

/** What a checkpoint says, if this coordinator signed it for this organization. */
export function openCheckpoint(
  statement: unknown,
  { organization, coordinator }: AuditAuthority
): (AuditCheckpoint & { readonly signed: Signed }) | undefined {
  try {
    const signed = Signed.parse(statement);
    const checkpoint = openStatement({
      kind: 'audit-checkpoint',
      signed,
      publicKey: coordinator.signing,
      schema: AuditCheckpoint,
      maxBytes: 1024,
      code: 'audit-broken'
    });
    if (checkpoint.organization !== organization || signed.signer !== coordinator.id) return undefined;
    return { ...checkpoint, signed };
  } catch {
    return undefined;
  }
}
