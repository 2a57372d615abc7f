import type { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import type { PlacementChoice } from '../../src-preload/contract/placement-views.ts';
import { toBase64url } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import type { Sealed } from '../identity/hpke.ts';
import { openStatement, type Signed } from '../identity/signed-statement.ts';
import { HoldingReceipt } from '../protocol/device-api.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import type { Recipient } from '../sealing/sealed-key.ts';
import { abortable } from './abortable.ts';
import type { BlobDigest } from './fan-out.ts';
import type { JobsOrganization, JobsPorts, NodeTransport } from './port.ts';

/** A node's word, verified, that it holds this very blob. */
export interface Holding {
  readonly node: DeviceId;
  readonly receipt: Signed;
}

/** At least one, and why these nodes were chosen. */
export interface PlacedHoldings {
  readonly holdings: readonly Holding[];
  readonly why: readonly PlacementChoice[];
}

/** What a node gets beside the blob. `sealedKeyFor` seals W to it. */
export interface SealedReplica {
  readonly job: JobId;
  readonly digest: BlobDigest;
  readonly manifest: Signed;
  readonly metadata: Uint8Array;
  sealedKeyFor(node: Recipient): Promise<Sealed>;
}

export const recipientOf = (device: { id: DeviceId; sealing: string }): Recipient => ({
  id: device.id,
  sealingPublicKey: decoded(device.sealing)
});

/** Commits on all these nodes at once. The nodes that gave a valid receipt: at least one, or the first node's error is thrown. */
export async function commitReplicas(
  nodes: readonly DirectoryDevice[],
  replica: SealedReplica,
  { transport, logger }: Pick<JobsPorts, 'transport' | 'logger'>,
  signal: AbortSignal
): Promise<Holding[]> {
  const { job, manifest, digest } = replica;
  const metadata = toBase64url(replica.metadata);
  const results = await Promise.allSettled(
    nodes.map(async (node) => {
      const sealedKey = await replica.sealedKeyFor(recipientOf(node));
      const receipt = await abortable(transport.commit(node.id, job, { manifest, metadata, sealedKey }), signal);
      verifyHolding(receipt, { job, node, digest });
      return { node: node.id, receipt };
    })
  );
  const holdings: Holding[] = [];
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') holdings.push(result.value);
    else logger.warn({ job, node: nodes[index]?.id, error: result.reason }, 'a node did not commit the job');
  }
  if (holdings.length > 0) return holdings;
  const failed = results.find((result) => result.status === 'rejected');
  throw failed?.reason ?? new LetterlockError('node-unreachable');
}

/** Has a holder make one more replica, on `node`. */
export async function copyReplica(
  holder: DeviceId,
  node: DirectoryDevice,
  { job, digest, transport }: { job: JobId; digest: BlobDigest; transport: NodeTransport },
  signal: AbortSignal
): Promise<Holding> {
  const receipt = await abortable(transport.reseal(holder, job, node.id), signal);
  verifyHolding(receipt, { job, node, digest });
  return { node: node.id, receipt };
}

/** Throws `digest-mismatch` unless `node` itself confirms this blob of this job. */
function verifyHolding(receipt: Signed, expected: { job: JobId; node: DirectoryDevice; digest: BlobDigest }): void {
  const { job, node, digest } = expected;
  const said = openStatement({
    kind: 'holding',
    signed: receipt,
    publicKey: decoded(node.signing),
    schema: HoldingReceipt,
    maxBytes: 1024,
    code: 'digest-mismatch'
  });
  if (
    receipt.signer !== node.id ||
    said.node !== node.id ||
    said.job !== job ||
    said.sha256 !== digest.sha256 ||
    said.blobSize !== digest.blobSize
  )
    throw new LetterlockError('digest-mismatch', 'holding receipt');
}

/** Awake holders first. */
export function rankHolders(holders: readonly DeviceId[], organization: JobsOrganization): DeviceId[] {
  const online = organization.online();
  return holders.filter((id) => organization.device(id)).sort((a, b) => Number(online.has(b)) - Number(online.has(a)));
}
