import { LetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import { openManifest } from '../sealing/manifest.ts';
import { resealFor } from '../sealing/sealed-key.ts';
import type { OutboxEntry } from './outbox.ts';
import { rankNodes, reachableNodes } from './placement.ts';
import type { Holding } from './replicas.ts';
import { replicate } from './replicate.ts';
import type { SubmitPorts } from './submit.ts';

/**
 * Brings one job from the outbox to the nodes: the file as it is, the node part sealed anew to each of them. Null when no
 * node answers. `storage-damaged` when the file is no longer what was sealed; then nobody keeps it.
 */
export async function sendFromOutbox(
  entry: OutboxEntry,
  onProgress: (bytes: number) => void,
  ports: SubmitPorts,
  signal: AbortSignal
): Promise<readonly Holding[] | null> {
  const { identity, organization, outbox } = ports;
  const { job, manifest: signed, sealedKey } = entry;
  const manifest = openManifest(signed, identity.signing.publicKey);
  const replicas = organization.directory()?.policy.replicas ?? 1;
  const nodes = await reachableNodes(rankNodes(job, organization, identity.id), replicas, ports, signal);
  if (nodes.length === 0) return null;

  const reader = await outbox.read(job);
  try {
    const { holdings } = await replicate(
      {
        job,
        nodes,
        fill: (stop) => async (into) => {
          stop.throwIfAborted();
          return reader.fill(into);
        },
        async finish() {
          const digest = reader.digest();
          if (digest.sha256 !== manifest.sha256 || digest.blobSize !== manifest.blobSize)
            throw new LetterlockError('storage-damaged', 'outbox');
          return {
            job,
            digest,
            manifest: signed,
            metadata: decoded(entry.metadata),
            sealedKeyFor: (to) => resealFor({ sealedKey, job, from: { id: identity.id, key: identity.sealing }, to })
          };
        },
        onProgress: () => onProgress(reader.bytesRead())
      },
      ports,
      signal
    );
    return holdings;
  } finally {
    await reader.close();
  }
}
