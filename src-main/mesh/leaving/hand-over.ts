import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import type { Logger } from '../../base/logger.ts';
import { type Candidate, rankNodes } from '../../protocol/placement.ts';

/**
 * Gives away what would be too rare once this node is gone: for each job the replicas that are missing among the holders that stay,
 * those with the fewest first, as far as time allows. Keeps its own replicas: it may come back, and the coordinator has them erased.
 */
export interface HandOver {
  /** Replicas that were made. */
  readonly made: number;
  /** Jobs that still lack replicas. */
  readonly left: readonly JobId[];
}

export interface HandOverPorts {
  readonly self: DeviceId;
  /** What this node holds, and the bytes of it. */
  held(): ReadonlyMap<JobId, number>;
  /** Other nodes that hold a job, as far as is known. */
  holders(job: JobId): readonly DeviceId[];
  /** All other nodes that may have a job. */
  candidates(job: JobId): readonly Candidate[];
  readonly offlineGrants: boolean;
  /** The job may lie on cloud nodes. */
  cloudNodes(job: JobId): boolean;
  /** Makes a replica there; resolves when it is durable. */
  copy(job: JobId, to: DeviceId, signal: AbortSignal): Promise<unknown>;
  readonly logger: Logger;
}

/** So many at once: the disk and the network of one machine that is about to go. */
const atOnce = 2;

/** `copies`: how many of a job shall be left without this node. `signal`: the time is up; what is under way is broken off. */
export async function handOver(
  copies: (job: JobId) => number,
  ports: HandOverPorts,
  signal: AbortSignal
): Promise<HandOver> {
  const staying = new Map<JobId, DeviceId[]>();
  for (const job of ports.held().keys()) {
    const there = ports.candidates(job).filter(({ awake, condition }) => awake && !condition?.leaving);
    const stays = new Set(there.map(({ id }) => id));
    staying.set(
      job,
      ports.holders(job).filter((id) => stays.has(id))
    );
  }
  const refused = new Set<JobId>();
  let made = 0;

  const giveOne = async (job: JobId): Promise<void> => {
    const holders = staying.get(job) ?? [];
    for (const { id } of targetsFor(job, holders)) {
      if (signal.aborted) return;
      try {
        await orAborted(ports.copy(job, id, signal), signal);
        made++;
        staying.set(job, [...holders, id]);
        return;
      } catch (error) {
        ports.logger.warn({ job, node: id, error }, 'a replica could not be handed over');
      }
    }
    refused.add(job);
  };
  const targetsFor = (job: JobId, holders: readonly DeviceId[]) =>
    rankNodes(
      job,
      ports.candidates(job).filter(({ id, awake }) => awake && id !== ports.self),
      {
        copies: holders.length + 1,
        origin: null,
        bytes: ports.held().get(job) ?? 0,
        offlineGrants: ports.offlineGrants,
        cloudNodes: ports.cloudNodes(job),
        holders
      }
    ).ranked.slice(0, tries);

  const most = Math.max(0, ...[...staying.keys()].map(copies));
  for (let level = 0; level < most; level++) {
    const due = [...staying].filter(
      ([job, holders]) => holders.length === level && level < copies(job) && !refused.has(job)
    );
    await inTurn(
      due.map(
        ([job]) =>
          () =>
            giveOne(job)
      ),
      signal
    );
  }
  const left = [...staying].flatMap(([job, holders]) =>
    holders.length < copies(job) && ports.held().has(job) ? [job] : []
  );
  return { made, left };
}

/** Whoever waits is let go in time, also where the other side does not heed the signal. */
async function orAborted(task: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let late = () => {};
  const aborted = new Promise<never>((_, reject) => {
    late = () => reject(signal.reason);
    signal.addEventListener('abort', late, { once: true });
  });
  try {
    await Promise.race([task, aborted]);
  } finally {
    signal.removeEventListener('abort', late);
  }
}

/** Nodes that are tried for one replica. */
const tries = 3;

async function inTurn(tasks: readonly (() => Promise<void>)[], signal: AbortSignal): Promise<void> {
  const waiting = [...tasks];
  const lane = async () => {
    for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) await next();
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
