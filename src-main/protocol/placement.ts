import { hash } from 'node:crypto';
import type { DeviceId, JobId, PlacementReason, Role } from '../../src-preload/contract/index.ts';
import { GiB } from '../base/limits.ts';
import type { NodeCondition } from './node-condition.ts';

/**
 * Which nodes keep the replicas of a job: weighted rendezvous hashing (Schindelhauer and Schomaker, "Weighted Distributed Hash
 * Tables", 2005). Pure: the printing machine and every node that heals compute the same from the same knowledge, so that nobody has
 * to be asked, and a node that comes or goes moves only the jobs that it wins or loses.
 */
export interface Candidate {
  readonly id: DeviceId;
  readonly roles: readonly Role[];
  /** It stands outside of the organization's network. */
  readonly cloud?: boolean | undefined;
  /** It answers, as far as is known. */
  readonly awake: boolean;
  /** What it says of itself; null: an older node, or nobody asked yet. */
  readonly condition: NodeCondition | null;
}

export interface PlacementRule {
  /** How many replicas there are to be, with those of `holders`. */
  readonly copies: number;
  /** The machine that printed the job: it may be the one that is switched off next, so it comes last. */
  readonly origin: DeviceId | null;
  /** Room that the job needs; 0: not known yet. */
  readonly bytes: number;
  /** Stations can open jobs by themselves while the internet is away: then they keep none. */
  readonly offlineGrants: boolean;
  /** The job may lie on cloud nodes (cloud.ts). Absent: it may not. */
  readonly cloudNodes?: boolean;
  /** Who holds the job already: never chosen again, but the others shall lie elsewhere. */
  readonly holders?: readonly DeviceId[];
}

export interface RankedNode {
  readonly id: DeviceId;
  readonly chosen: boolean;
  readonly reason: PlacementReason;
  readonly weight: number;
}

export interface Placement {
  /** All that may be used, best first: the chosen ones, then the next best. */
  readonly ranked: readonly RankedNode[];
  /** Never to be used for this job. */
  readonly excluded: readonly RankedNode[];
}

interface Rated extends Candidate {
  readonly weight: number;
  readonly score: number;
  /** 0 is best: awake others, others, this machine. */
  readonly tier: number;
  readonly stays: boolean;
  readonly domain: string;
}

export function rankNodes(job: JobId, candidates: readonly Candidate[], rule: PlacementRule): Placement {
  const holders = new Set(rule.holders ?? []);
  const held = candidates.filter(({ id }) => holders.has(id));
  const free: Rated[] = [];
  const excluded: RankedNode[] = [];
  for (const candidate of candidates) {
    if (holders.has(candidate.id)) continue;
    const reason = neverUsed(candidate, rule);
    const { id, condition } = candidate;
    if (reason) excluded.push({ id, chosen: false, reason, weight: weightOf(condition) });
    else free.push(rated(job, candidate, rule));
  }
  const order = free.sort((a, b) => a.tier - b.tier || b.score - a.score || (a.id < b.id ? -1 : 1));
  const chosen = choose(order, Math.max(0, rule.copies - holders.size), held);
  const taken = new Set(chosen.map(({ id }) => id));
  const rest = order.filter(({ id }) => !taken.has(id));
  return {
    ranked: [
      ...chosen,
      ...rest.map(({ id, weight, tier }) => ({ id, weight, chosen: false, reason: passedOver[tier] ?? 'ranked-lower' }))
    ],
    excluded
  };
}

const passedOver: readonly PlacementReason[] = ['ranked-lower', 'asleep', 'own-machine'];

/**
 * Takes the best of the best tier, each in a failure domain that has no replica yet while there is one. The last one stays where it
 * is if no other does: laptops go home together, every evening, and a domain fails rarely, so this comes before the domain.
 */
function choose(order: readonly Rated[], count: number, held: readonly Candidate[]): RankedNode[] {
  const chosen: RankedNode[] = [];
  const left = [...order];
  const domains = new Set(held.map(domainOf));
  let oneStays = held.some(stays);
  while (chosen.length < count && left[0]) {
    const first = left[0];
    const tier = left.filter((node) => node.tier === first.tier);
    const last = chosen.length === count - 1;
    const lasting = last && !oneStays ? tier.filter((node) => node.stays) : [];
    const among = lasting.length > 0 ? lasting : tier;
    const best = elsewhere(among, domains) ?? among[0] ?? first;
    const reason = best === first ? 'best' : best === elsewhere(tier, domains) ? 'other-domain' : 'stationary';
    chosen.push({ id: best.id, weight: best.weight, chosen: true, reason });
    left.splice(left.indexOf(best), 1);
    domains.add(best.domain);
    oneStays ||= best.stays;
  }
  return chosen;
}

/** The first whose domain has no replica; an unknown domain is unlike all others. */
const elsewhere = (nodes: readonly Rated[], domains: ReadonlySet<string>): Rated | undefined =>
  nodes.find(({ domain }) => domain === '' || !domains.has(domain));

function neverUsed({ roles, cloud, condition }: Candidate, rule: PlacementRule): PlacementReason | null {
  if (cloud && !rule.cloudNodes) return 'outside';
  if (condition?.leaving) return 'leaving';
  if (rule.offlineGrants && roles.includes('station')) return 'station';
  if (condition && condition.freeBytes < rule.bytes) return 'no-room';
  return null;
}

function rated(job: JobId, candidate: Candidate, { origin }: PlacementRule): Rated {
  const { id, roles, cloud, awake, condition } = candidate;
  const weight = weightOf(condition);
  // Not spread: in a mesh of hundreds there are as many for each job.
  return {
    id,
    roles,
    cloud,
    awake,
    condition,
    weight,
    score: scoreOf(job, id, weight),
    tier: id === origin ? 2 : awake ? 0 : 1,
    stays: stays(candidate),
    domain: domainOf(candidate)
  };
}

/** A machine that people print from, and that does not say, may well be a laptop. */
const stays = ({ condition, roles }: Candidate): boolean => condition?.stationary ?? !roles.includes('client');
/** Cloud nodes are one domain of their own: without the way out of the network all of them are gone at once. */
const domainOf = ({ cloud, condition }: Candidate): string => (cloud ? 'cloud nodes' : (condition?.domain ?? ''));

/** -w / ln h, h uniform in (0,1) from the first 52 bits of the hash: the highest of them is node i in w_i / Σw of all jobs. */
function scoreOf(job: JobId, node: DeviceId, weight: number): number {
  const digest = hash('sha256', `${job}/${node}`, 'buffer');
  const h = (digest.readUInt32BE(0) * 2 ** 20 + (digest.readUInt32BE(4) >>> 12) + 0.5) / 2 ** 52;
  return -weight / Math.log(h);
}

const roomy = 64 * GiB;
const leastWeight = 1 / 64;

/**
 * How much a node is wanted: 1 for a roomy machine on mains that is always awake and stays. Room counts in powers of two and the
 * others in quarters, so that what changes a little all the time does not move jobs all the time.
 */
export function weightOf(condition: NodeCondition | null): number {
  if (!condition) return 1 / 2;
  const { freeBytes, power, batteryPercent = 50, awakeShare, stationary } = condition;
  const room = Math.min(1, 2 ** Math.floor(Math.log2(Math.max(freeBytes, 1))) / roomy);
  const energy = power === 'mains' ? 1 : quarters(batteryPercent / 100) / 2;
  return Math.max(leastWeight, room * energy * quarters(awakeShare) * (stationary ? 1 : 1 / 2));
}

const quarters = (share: number): number => Math.max(1, Math.round(share * 4)) / 4;
