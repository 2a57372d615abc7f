import type { z } from 'zod';
import type { AuditReport, DeviceId, OrganizationId } from '../../../src-preload/contract/index.ts';
import { openStatement, Signed } from '../../identity/signed-statement.ts';
import { AuditCheckpoint } from '../../protocol/audit.ts';
import { type AuditRow, genesis, rowHash } from './chain.ts';

export interface AuditAuthority {
  readonly organization: OrganizationId;
  readonly coordinator: { readonly id: DeviceId /** Raw Ed25519. */; readonly signing: Uint8Array };
}

export interface AuditVerifier {
  /** In order, from the first row on. */
  row(row: AuditRow): void;
  /** Rows up to this one are not shown; its hash is what the next one follows on. */
  skip(upTo: number, hash: string): void;
  /** After the row that it signs. */
  checkpoint(signed: unknown): void;
  /** Whether the last row was this one, with this hash. */
  reached(sequence: number, hash: string): boolean;
  /** Something is wrong with what comes next. */
  fail(reason: string): void;
  /** How many of the copies spoke of a row that was seen here. */
  compared(): number;
  /** After the last row, which must be signed. `end`: copies made after it say nothing of this log. */
  report(end?: string): z.infer<typeof AuditReport>;
}

/**
 * Checks a log row by row, in constant memory, with nothing but the coordinator's public key. `copies`: checkpoints that were
 * kept elsewhere; with them a log that was cut off at a signed row, or written anew by somebody who has the coordinator's
 * key, is found too, which nothing inside the log could show.
 */
export function createAuditVerifier(authority: AuditAuthority, copies: readonly unknown[] = []): AuditVerifier {
  let head = genesis(authority.organization);
  let rows = 0;
  let signatures = 0;
  let signedUpTo = 0;
  let compared = 0;
  let broken: { row: number; reason: string } | null = null;
  const breakAt = (row: number, reason: string) => {
    broken ??= { row, reason };
  };

  const known = new Map<number, AuditCheckpoint>();
  for (const copy of copies) {
    const checkpoint = openCheckpoint(copy, authority);
    if (!checkpoint) breakAt(0, 'the checkpoint kept elsewhere is not signed by this coordinator');
    else if ((known.get(checkpoint.sequence)?.hash ?? checkpoint.hash) !== checkpoint.hash)
      breakAt(checkpoint.sequence, 'the coordinator signed two different rows with this number');
    else known.set(checkpoint.sequence, checkpoint);
  }

  function reach(sequence: number, hash: string) {
    const copy = known.get(sequence);
    if (copy && copy.hash !== hash) return breakAt(sequence, 'the row is not the one that was signed before');
    if (copy) compared += 1;
    head = hash;
    rows = sequence;
  }
  return {
    row(row) {
      if (broken) return;
      if (row.sequence !== rows + 1) return breakAt(rows + 1, `row ${row.sequence} where ${rows + 1} should be`);
      if (row.hash !== rowHash(head, row)) return breakAt(row.sequence, 'the row was changed');
      reach(row.sequence, row.hash);
    },
    skip(upTo, hash) {
      if (broken) return;
      if (upTo <= rows) return breakAt(rows + 1, `rows up to ${upTo} left out after row ${rows}`);
      reach(upTo, hash);
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
    reached: (sequence, hash) => rows === sequence && head === hash,
    fail: (reason) => breakAt(rows + 1, reason),
    compared: () => compared,
    report(end) {
      if (rows === 0) breakAt(1, 'the log is empty');
      for (const { sequence, at } of known.values())
        if (sequence > rows && (end === undefined || Date.parse(at) <= Date.parse(end)))
          breakAt(rows + 1, 'rows are missing at the end');
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
