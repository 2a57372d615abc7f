import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import { limits } from '../../base/limits.ts';
import { type Candidate, rankNodes } from '../../protocol/placement.ts';
import type { Holdings } from './holdings.ts';
import type { RepairOptions } from './port.ts';
import type { Sync } from './sync.ts';

/**
 * Makes the replicas that a job has lost, on the nodes that rank best, from whichever living holder ranks first. All holders compute
 * the same order from the same knowledge; each waits its turn and asks whether it was done. What comes back afterwards is a replica
 * more than wanted; it stays until the job ends: who was away once is away again, and dropping it would make each absence a copy.
 */
export interface Healing {
  /** When this node should heal the job, milliseconds since the epoch; Infinity: no need. */
  due(job: JobId): number;
  /** Heals the job as far as it is short and nodes are there. Throws what stopped it. */
  heal(job: JobId, signal: AbortSignal): Promise<void>;
}

export function createHealing(
  options: Pick<RepairOptions, 'self' | 'shelf' | 'peers' | 'membership' | 'policy' | 'clock' | 'logger'> & {
    readonly holdings: Holdings;
    readonly sync: Sync;
    /** Before that nobody is judged: this node itself was away, or has just begun. */
    readonly judgesSince: () => number;
  }
): Healing {
  const { self, shelf, peers, membership, policy, clock, logger, holdings, sync, judgesSince } = options;

  const isAwake = (node: DeviceId): boolean => {
    const state = membership.member(node)?.state;
    return state === 'alive' || state === 'suspect';
  };
  const wanted = (job: JobId): number => {
    const { replicas, nodes, mayHold } = policy();
    const places = nodes().filter((node) => mayHold(node, job)).length;
    return Math.min(shelf.held.get(job)?.copies ?? replicas, places);
  };

  /** From when on a holder counts no longer. */
  function countsUntil(node: DeviceId, grace: number): number {
    if (node === self || isAwake(node)) return Number.POSITIVE_INFINITY;
    const member = membership.member(node);
    if (member?.state === 'left') return member.since;
    return Math.max(member?.since ?? 0, judgesSince()) + grace;
  }

  /** How many are still missing, counting those that may yet come back. */
  function missing(job: JobId): number {
    const holders = holdings.holders(job);
    const grace = graceOf(holders.filter((node) => node === self || isAwake(node)).length);
    return wanted(job) - holders.filter((node) => countsUntil(node, grace) > clock.now()).length;
  }

  function due(job: JobId): number {
    const held = shelf.held.get(job);
    // Of a site where this node was once: the holders there see to it.
    const isElsewhere = held?.site !== policy().site;
    if (!held || isElsewhere || held.expires <= clock.now()) return Number.POSITIVE_INFINITY;
    const holders = holdings.holders(job);
    const living = holders.filter((node) => node === self || isAwake(node));
    const spare = holders.length - wanted(job);
    const ends = holders.map((node) => countsUntil(node, graceOf(living.length))).sort((a, b) => a - b);
    // Too few from the start: whoever sent it is perhaps still about to say who else has it.
    const settled = Math.max(held.committed, judgesSince()) + limits.healLastSeconds * 1000;
    const short = spare < 0 ? settled : (ends[spare] ?? Number.POSITIVE_INFINITY);
    if (short > clock.now()) return short; // whose turn it is matters only then
    return short + turnOf(job, living) * limits.healTurnSeconds * 1000;
  }

  const turnOf = (job: JobId, living: readonly DeviceId[]): number =>
    rank(job, living.map(candidateOf)).findIndex(({ id }) => id === self);

  const candidateOf = (id: DeviceId): Candidate => ({
    id,
    roles: policy().device(id)?.roles ?? [],
    awake: true,
    condition: null // what each knows of another's condition differs: turns must not
  });

  /** Awake nodes that could take the job, best first. */
  function targets(job: JobId): DeviceId[] {
    const held = shelf.held.get(job);
    const { offlineGrants, ...directory } = policy();
    const candidates = directory.nodes().map(({ id, roles, cloud }) => ({
      ...{ id, roles, cloud, awake: id === self || isAwake(id) },
      condition: membership.member(id)?.condition ?? null
    }));
    const holders = holdings.holders(job);
    const rule = {
      copies: wanted(job),
      origin: held?.device ?? null,
      bytes: held?.blobSize ?? 0,
      offlineGrants,
      cloudNodes: directory.mayHold({ cloud: true }, job)
    };
    const { nodes, distrusted } = holdings.gone(job);
    return rankNodes(job, candidates, { ...rule, holders: holders.filter(isAwake) })
      .ranked.map(({ id }) => id)
      .filter((id) => isAwake(id) && !holders.includes(id) && !distrusted.includes(id))
      .sort((a, b) => Number(nodes.includes(a)) - Number(nodes.includes(b)));
  }

  /** What another node says of the job; false when it says nothing. */
  const asked = async (node: DeviceId, job: JobId, signal: AbortSignal): Promise<boolean> => {
    try {
      const { jobs } = await sync.exchange(node, [job], signal);
      return jobs.length > 0;
    } catch (error) {
      signal.throwIfAborted();
      logger.debug({ job, node, error }, 'a node does not say what it knows of a job');
      return false;
    }
  };

  return {
    due,
    async heal(job, signal) {
      const others = holdings.holders(job).filter((node) => node !== self && isAwake(node));
      await Promise.all(others.map((node) => asked(node, job, signal)));
      let failure: unknown;
      for (const to of targets(job)) {
        if (!shelf.held.has(job) || missing(job) <= 0 || holdings.holders(job).length >= limits.holdersPerJob) return;
        // It may have the job without our knowing; then its own receipt has come with its answer.
        if (!(await asked(to, job, signal)) || holdings.holders(job).includes(to)) continue;
        try {
          const receipt = await peers.copy(job, to, signal);
          if (!(await holdings.merge(job, [receipt], to))) continue;
          logger.info({ job, to }, 'a lost replica was made anew');
        } catch (error) {
          signal.throwIfAborted();
          failure = error;
        }
      }
      const now = holdings.holders(job).filter((node) => node !== self && isAwake(node));
      await Promise.all(now.map((node) => asked(node, job, signal)));
      if (failure !== undefined && missing(job) > 0) throw failure;
    }
  };
}

const graceOf = (living: number): number => (living <= 1 ? limits.healLastSeconds : limits.healSeconds) * 1000;

const anyRule = { copies: 0, origin: null, bytes: 0, offlineGrants: false };
const rank = (job: JobId, candidates: readonly Candidate[]) => rankNodes(job, candidates, anyRule).ranked;
