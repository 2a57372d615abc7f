import { LetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import { ownDecisions } from '../protocol/own-policy.ts';
import { type Manifest, openManifest } from '../sealing/manifest.ts';
import { resealFor } from '../sealing/sealed-key.ts';
import type { OutboxEntry } from './outbox.ts';
import { chooseNodes } from './placement.ts';
import type { PlacedHoldings } from './replicas.ts';
import { replicate } from './replicate.ts';
import type { SubmitPorts } from './submit.ts';

/**
 * Brings one job from the outbox to the nodes: the file as it is, the node part sealed anew to each of them. `damaged`: it is
 * no longer what was sealed here, and nobody keeps it. Throws what nodes have against it.
 */
export async function sendFromOutbox(
  entry: OutboxEntry,
  onProgress: (bytes: number) => void,
  ports: SubmitPorts,
  signal: AbortSignal
): Promise<PlacedHoldings | 'no-node' | 'damaged'> {
  const { identity, organization, outbox } = ports;
  const { job, manifest: signed, sealedKey } = entry;
  const manifest = manifestOf(entry, identity.signing.publicKey);
  if (!manifest) return 'damaged';
  const directory = organization.directory();
  const copies = directory ? ownDecisions(directory, identity.id, manifest.owner).replicas.value : 1;
  const { nodes, why } = await chooseNodes(job, { copies, bytes: manifest.blobSize }, ports, signal);
  if (nodes.length === 0) return 'no-node';

  const reader = await outbox.read(job);
  if (!reader) return 'damaged';
  let damaged = false;
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
          damaged = digest.sha256 !== manifest.sha256 || digest.blobSize !== manifest.blobSize;
          if (damaged) throw new LetterlockError('storage-damaged', 'outbox');
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
    return { holdings, why };
  } catch (error) {
    if (damaged) return 'damaged';
    throw error;
  } finally {
    await reader.close();
  }
}

function manifestOf({ manifest }: OutboxEntry, publicKey: Uint8Array): Manifest | null {
  try {
    return openManifest(manifest, publicKey);
  } catch {
    return null;
  }
}
