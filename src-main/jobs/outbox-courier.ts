import { createHash } from 'node:crypto';
import type { DeviceId } from '../../src-preload/contract/ids.ts';
import { asLetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import { cloudAllowed } from '../protocol/cloud.ts';
import { type Manifest, openManifest } from '../sealing/manifest.ts';
import { resealFor } from '../sealing/sealed-key.ts';
import { agreedFailure } from './fan-out.ts';
import type { OutboxEntry, OutboxReader } from './outbox.ts';
import { chooseNodes, copiesOf } from './placement.ts';
import { pump } from './pump.ts';
import { commitReplicas, type PlacedHoldings } from './replicas.ts';
import { introduce } from './replicate.ts';
import { sendBlob } from './send-blob.ts';
import type { SubmitPorts } from './submit.ts';

/**
 * Brings one job from the outbox to the nodes that lack it: the file as it is, the node part sealed anew to each of them. Each node
 * gets it at its own pace, from where an earlier try broke. `no-node`: fewer than `least` of them answer. `damaged`: it is no longer
 * what was sealed here, and nobody keeps it. Throws what nodes have against it.
 */
export async function sendFromOutbox(
  entry: OutboxEntry,
  sending: {
    /** Nodes that have it already. */
    readonly holders: readonly DeviceId[];
    readonly least: number;
    /** Bytes that the slowest node has. */
    onProgress(bytes: number): void;
  },
  ports: SubmitPorts,
  signal: AbortSignal
): Promise<PlacedHoldings | 'no-node' | 'damaged'> {
  const { identity, organization, outbox, logger } = ports;
  const { job, manifest: signed, sealedKey } = entry;
  const { holders, least, onProgress } = sending;
  const manifest = manifestOf(entry, identity.signing.publicKey);
  if (!manifest) return 'damaged';
  const digest = { sha256: manifest.sha256, blobSize: manifest.blobSize };
  const wanted = {
    copies: copiesOf(manifest, organization),
    bytes: digest.blobSize,
    holders,
    site: manifest.site,
    cloudNodes: cloudAllowed(organization.directory(), manifest)
  };
  const { nodes, why } = await chooseNodes(job, wanted, ports, signal);
  if (nodes.length < least) return 'no-node';

  const blob = await outbox.read(job);
  if (!blob) return 'damaged';
  try {
    if (blob.size !== digest.blobSize) return 'damaged';
    const sent = new Map(nodes.map(({ id }) => [id, 0]));
    const results = await Promise.allSettled(
      nodes.map(({ id: node }) => {
        const progress = (bytes: number) => onProgress(Math.min(...sent.set(node, bytes).values()));
        return sendBlob({ job: manifest, node, blob, digest, onProgress: progress }, ports, signal);
      })
    );
    signal.throwIfAborted();
    const failures = results.flatMap((result, index) => {
      if (result.status === 'fulfilled') return [];
      const error = asLetterlockError(result.reason, 'node-unreachable');
      logger.warn({ job, node: nodes[index]?.id, error }, 'a node is left out of this job for now');
      return [error];
    });
    const arrived = nodes.filter((_, index) => results[index]?.status === 'fulfilled');
    if (arrived.length === 0) {
      const disputed = failures.some(({ code }) => code === 'digest-mismatch');
      if (disputed && (await digestOf(blob, ports, signal)) !== digest.sha256) return 'damaged';
      throw agreedFailure(failures);
    }
    const holdings = await commitReplicas(
      arrived,
      {
        job,
        digest,
        manifest: signed,
        metadata: decoded(entry.metadata),
        sealedKeyFor: (to) => resealFor({ sealedKey, job, from: { id: identity.id, key: identity.sealing }, to })
      },
      ports,
      signal
    );
    introduce(job, holdings, ports);
    return { holdings, why };
  } finally {
    await blob.close();
  }
}

function manifestOf({ manifest }: OutboxEntry, publicKey: Uint8Array): Manifest | null {
  try {
    return openManifest(manifest, publicKey);
  } catch {
    return null;
  }
}

async function digestOf(blob: OutboxReader, { pool }: Pick<SubmitPorts, 'pool'>, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const drain = async (chunk: Uint8Array) => void hash.update(chunk);
  await pump(blob.from(0), drain, pool, signal);
  return hash.digest('base64url');
}
