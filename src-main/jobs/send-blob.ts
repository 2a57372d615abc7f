import type { DeviceId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { mayPass } from '../base/retry.ts';
import type { OutgoingJob } from '../protocol/cloud.ts';
import type { BlobDigest } from './fan-out.ts';
import type { OutboxReader } from './outbox.ts';
import type { Pool } from './pool.ts';
import type { NodeTransport } from './port.ts';
import { pump } from './pump.ts';

/** How often a transfer goes on where it broke, before it is given up for now. */
const tries = 5;

/**
 * Brings a blob from the outbox to one node. It begins with what the node has of an earlier try, and goes on at once where it breaks
 * as long as each try brings it further. All of it is durable there when it resolves. Throws `digest-mismatch` when the node got
 * something else, or what the node says.
 */
export async function sendBlob(
  transfer: {
    readonly job: OutgoingJob;
    readonly node: DeviceId;
    readonly blob: OutboxReader;
    readonly digest: BlobDigest;
    /** Bytes that are there, or on their way. */
    onProgress(bytes: number): void;
  },
  { transport, pool }: { readonly transport: NodeTransport; readonly pool: Pool<Buffer> },
  signal: AbortSignal
): Promise<void> {
  const { job, node, blob, digest, onProgress } = transfer;
  const size = digest.blobSize;
  let first = await transport.offset(node, job, signal);
  for (let left = tries; ; left -= 1) {
    if (first > size) throw new LetterlockError('digest-mismatch', 'offset');
    let sent = first;
    onProgress(sent);
    if (first === size) return;
    const upload = transport.upload(node, job, signal, { first, size });
    const drain = async (chunk: Uint8Array) => {
      await upload.write(chunk);
      sent += chunk.length;
      onProgress(sent);
    };
    try {
      await pump(blob.from(first), drain, pool, signal);
      const stored = await upload.end();
      if (stored.sha256 !== digest.sha256 || stored.blobSize !== size) throw new LetterlockError('digest-mismatch');
      return;
    } catch (error) {
      upload.abort(error);
      signal.throwIfAborted();
      if (left === 1 || !mayPass(error)) throw error;
      const durable = await transport.offset(node, job, signal).catch(() => first);
      if (durable <= first) throw error;
      first = durable;
    }
  }
}
