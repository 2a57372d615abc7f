import { z } from 'zod';
import { JobId } from '../../../src-preload/contract/index.ts';
import { base64url, decoded } from '../../identity/base64url.ts';
import { ErasureDetail, isErasureReceipt } from '../erasures.ts';
import type { AuditRow } from './chain.ts';

/**
 * The erasure receipts in a log, each checked against the key under which the log says that its node was approved: so the word
 * of a node is its own, and not the coordinator's. Remembers one key a machine.
 */
export interface ReceiptCheck {
  /** In order. False: a receipt that its node has not signed. */
  row(row: Pick<AuditRow, 'action' | 'subject' | 'detail'>): boolean;
  readonly verified: number;
  /** Of nodes whose approval is not among the rows. */
  readonly unknown: number;
}

export function createReceiptCheck(): ReceiptCheck {
  const keys = new Map<string, Uint8Array>();
  let verified = 0;
  let unknown = 0;

  function receipt(subject: string, detail: unknown): boolean {
    const said = ErasureDetail.safeParse(detail);
    const job = JobId.safeParse(subject);
    if (!said.success || !job.success) return false;
    const key = keys.get(said.data.node);
    if (!key) unknown += 1;
    else if (isErasureReceipt(said.data, job.data, key)) verified += 1;
    else return false;
    return true;
  }
  return {
    row({ action, subject, detail }) {
      if (action === 'device.approved') {
        const approved = Approved.safeParse(detail);
        if (approved.success) keys.set(subject, decoded(approved.data.signing));
      }
      return action === 'job.erased' ? receipt(subject, detail) : true;
    },
    get verified() {
      return verified;
    },
    get unknown() {
      return unknown;
    }
  };
}

const Approved = z.object({ signing: base64url(32) });
