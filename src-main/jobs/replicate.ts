import type { JobId } from '../../src-preload/contract/ids.ts';
import type { OutgoingJob } from '../protocol/cloud.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import { createFanOut } from './fan-out.ts';
import type { Pool } from './pool.ts';
import type { JobsPorts } from './port.ts';
import { type Fill, pump } from './pump.ts';
import { commitReplicas, type Holding, type SealedReplica } from './replicas.ts';

export interface Replication {
  readonly origin: OutgoingJob;
  readonly nodes: readonly DirectoryDevice[];
  /** The blob from its start. `stop` is aborted when nobody is left to send it to. */
  fill(stop: AbortSignal): Fill;
  /** After the last byte: what goes with it. */
  finish(): Promise<SealedReplica>;
  onProgress(): void;
}

export interface Replicated {
  readonly replica: SealedReplica;
  /** At least one. */
  readonly holdings: readonly Holding[];
}

/**
 * Streams one blob to several nodes at once and commits it where it arrived unchanged. Otherwise throws why, and no
 * node keeps anything.
 */
export async function replicate(
  { origin, nodes, fill, finish, onProgress }: Replication,
  ports: JobsPorts & { readonly pool: Pool<Buffer> },
  signal: AbortSignal
): Promise<Replicated> {
  const { transport, logger, pool } = ports;
  const { job } = origin;
  const noneLeft = new AbortController();
  const stop = AbortSignal.any([signal, noneLeft.signal]);
  const fan = createFanOut({
    nodes: nodes.map((node) => node.id),
    upload: (node) => transport.upload(node, origin, signal),
    onLost: (node, error) => logger.warn({ job, node, error }, 'a node is left out of this job'),
    onNoneLeft: (error) => noneLeft.abort(error)
  });
  const drain = async (chunk: Uint8Array) => {
    await fan.write(chunk);
    onProgress();
  };

  try {
    await pump(fill(stop), drain, pool, stop);
    const replica = await finish();
    const stored = await fan.end(replica.digest);
    signal.throwIfAborted();
    const holdings = await commitReplicas(
      nodes.filter((node) => stored.includes(node.id)),
      replica,
      ports,
      signal
    );
    const holders = holdings.map((holding) => holding.node);
    fan.abort(new Error('not committed'), holders);
    introduce(job, holdings, ports);
    return { replica, holdings };
  } catch (error) {
    fan.abort(error);
    throw error;
  }
}

/** So that holders can replace each other without this machine. They find each other otherwise too, only later: nobody waits for it. */
export function introduce(
  job: JobId,
  holdings: readonly Holding[],
  { transport, logger }: Pick<JobsPorts, 'transport' | 'logger'>
): void {
  if (holdings.length < 2) return;
  const receipts = holdings.map(({ receipt }) => receipt);
  for (const { node } of holdings) {
    transport.tellHolders(node, job, receipts).catch((error: unknown) => {
      logger.debug({ job, node, error }, 'a holder was not told of the others');
    });
  }
}
