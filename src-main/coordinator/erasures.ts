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
  const receipts = rows.flatMap(({ detail }) => Detail.safeParse(parsedOrNothing(detail)).data ?? []);
  return Promise.all(
    receipts.map(async ({ node, reason, at, payload, signature }) => {
      const device = await tables.devices.get(node);
      const signed = { kind: 'erasure', payload, signature, signer: node };
      const valid = device !== undefined && says(signed, decoded(device.signing), job, node);
      return { node, name: device?.name ?? node, reason, at, payload, signature, valid };
    })
  );
}

const Detail = z.object({
  node: DeviceId,
  reason: z.string(),
  at: z.string(),
  payload: base64url(2, 4096),
  signature: base64url(64)
});

function says(
  signed: Parameters<typeof openStatement>[0]['signed'],
  publicKey: Uint8Array,
  job: JobId,
  node: DeviceId
): boolean {
  try {
    const code = 'input-invalid' as const;
    const said = openStatement({ kind: 'erasure', signed, publicKey, schema: ErasureReceipt, maxBytes: 4096, code });
    return said.job === job && said.node === node;
  } catch {
    return false;
  }
}
