import { z } from 'zod';
import { DeviceId, type ErasureView, type JobId } from '../../src-preload/contract/index.ts';
import { base64url, decoded } from '../identity/base64url.ts';
import { openStatement } from '../identity/signed-statement.ts';
import { ErasureReceipt } from '../protocol/device-api.ts';
import { parsedOrNothing } from './audit/records.ts';
import type { Tables } from './store.ts';

/** The erasure receipts of a job out of the audit log, each checked against the key under which its node was approved. */
export async function erasuresOf(tables: Tables, job: JobId): Promise<z.infer<typeof ErasureView>[]> {
  const rows = await tables.audit.find({ subject: job, action: 'job.erased' }, { after: 0, limit: 100 });
  const receipts = rows.flatMap(({ detail }) => ErasureDetail.safeParse(parsedOrNothing(detail)).data ?? []);
  return Promise.all(
    receipts.map(async (receipt) => {
      const device = await tables.devices.get(receipt.node);
      const valid = device !== undefined && isErasureReceipt(receipt, job, decoded(device.signing));
      return { ...receipt, name: device?.name ?? receipt.node, valid };
    })
  );
}

/** What a row `job.erased` holds: the receipt, whole. */
export const ErasureDetail = z.object({
  node: DeviceId,
  reason: z.string(),
  at: z.string(),
  payload: base64url(2, 4096),
  signature: base64url(64)
});

/** Whether the node signed, with this key, just what the row says. */
export function isErasureReceipt(row: z.infer<typeof ErasureDetail>, job: JobId, publicKey: Uint8Array): boolean {
  const { node, reason, at, payload, signature } = row;
  const signed = { kind: 'erasure', payload, signature, signer: node };
  try {
    const code = 'input-invalid' as const;
    const said = openStatement({ kind: 'erasure', signed, publicKey, schema: ErasureReceipt, maxBytes: 4096, code });
    return said.job === job && said.node === node && said.reason === reason && said.at === at;
  } catch {
    return false;
  }
}
