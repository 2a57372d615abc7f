import type { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import type { PlacementChoice } from '../../src-preload/contract/placement-views.ts';
import type { SiteId } from '../../src-preload/contract/site-views.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import { type Candidate, type PlacementRule, type RankedNode, rankNodes } from '../protocol/placement.ts';
import { siteOf, siteOfDevice } from '../protocol/sites.ts';
import type { JobsOrganization, JobsPorts } from './port.ts';

/** Nodes for a job that answer, best first, and why these. */
export interface Chosen {
  readonly nodes: DirectoryDevice[];
  readonly why: PlacementChoice[];
}

export type Wanted = Pick<PlacementRule, 'copies' | 'bytes' | 'holders'> &
  Required<Pick<PlacementRule, 'cloudNodes'>> & {
    /** Whose job it is, as its manifest says. */
    readonly site: SiteId;
  };

type ChoosingPorts = Pick<JobsPorts, 'organization' | 'identity' | 'transport' | 'clock'>;

/**
 * Chooses nodes for a job by protocol/placement.ts, among those that answer now. Asks a few more than are needed, since what they
 * say of themselves may change the choice; all others at once only if that isn't enough.
 */
export async function chooseNodes(
  job: JobId,
  wanted: Wanted,
  ports: ChoosingPorts,
  signal: AbortSignal
): Promise<Chosen> {
  const { organization, identity, transport } = ports;
  const rule: PlacementRule = { ...wanted, origin: identity.id, offlineGrants: offlineAllowed(organization) };
  const nodes = nodesOf(organization, wanted.site);
  const answered = new Set<DeviceId>();
  const silent = new Set<DeviceId>();

  const rank = () => {
    const online = organization.online();
    const candidates = nodes
      .filter(({ id }) => !silent.has(id))
      .map(({ id, roles, cloud }): Candidate => {
        const awake = answered.has(id) || online.has(id);
        return { id, roles, cloud, awake, condition: transport.condition(id) };
      });
    return rankNodes(job, candidates, rule);
  };
  const ask = async (some: readonly RankedNode[]) => {
    for (const { id } of await answering(some, ports, signal)) answered.add(id);
    for (const { id } of some) if (!answered.has(id)) silent.add(id);
  };

  const { ranked } = rank();
  const missing = wanted.copies - (wanted.holders?.length ?? 0);
  await ask(ranked.slice(0, missing > 0 ? missing + spares : 0));
  let placement = rank();
  const settled = () => {
    const chosen = placement.ranked.filter((node) => node.chosen);
    return chosen.length >= missing && chosen.every(({ id }) => answered.has(id));
  };
  if (!settled()) {
    await ask(placement.ranked.filter(({ id }) => !answered.has(id)));
    placement = rank();
  }
  signal.throwIfAborted();

  const unheard = ranked
    .filter(({ id }) => silent.has(id))
    .map(
      (node) => ({ ...node, chosen: false, reason: organization.online().has(node.id) ? 'silent' : 'asleep' }) as const
    );
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return {
    nodes: placement.ranked.flatMap(({ id, chosen }) => (chosen && byId.get(id)) || []),
    why: [...placement.ranked, ...unheard, ...placement.excluded]
      .slice(0, mostReasons)
      .map(({ id, ...choice }) => ({ node: id, name: byId.get(id)?.name ?? id, ...choice }))
  };
}

/** Nodes asked beyond those that are needed. */
const spares = 2;
/** Lines of an answer to "why these nodes?": the first ones are what matters in a mesh of hundreds. */
export const mostReasons = 12;

/** Then stations have two parts of each job, and must not get the third. */
export const offlineAllowed = (organization: JobsOrganization): boolean =>
  (organization.directory()?.policy.offlineHours ?? 0) > 0;

/** How many replicas of a job there are to be: as its manifest says, or the organization's settings now. Nodes compute the same. */
export const copiesOf = (
  { copies }: { readonly copies?: number | null | undefined },
  organization: Pick<JobsOrganization, 'directory'>
): number => copies ?? organization.directory()?.policy.replicas ?? 0;

/** All approved nodes of a site that say where they listen: its jobs lie on them and nowhere else. */
export function nodesOf(organization: Pick<JobsOrganization, 'directory'>, site: SiteId | null): DirectoryDevice[] {
  const directory = organization.directory();
  return (directory?.devices ?? []).filter(
    (device) =>
      device.status === 'approved' &&
      device.roles.includes('node') &&
      device.url !== null &&
      directory !== null &&
      siteOf(directory, device) === site
  );
}

/** Of the machine itself; null while nothing is known. */
export function ownSite(organization: Pick<JobsOrganization, 'directory'>, self: DeviceId): SiteId | null {
  const directory = organization.directory();
  return directory && siteOfDevice(directory, self);
}

/** Long enough for a sleeping Wi-Fi, short enough for somebody who waits at a print dialog. */
const probeMs = 2_000;

async function answering<Node extends { readonly id: DeviceId }>(
  nodes: readonly Node[],
  { transport, clock }: Pick<JobsPorts, 'transport' | 'clock'>,
  signal: AbortSignal
): Promise<Node[]> {
  const late = new AbortController();
  const off = clock.after(probeMs, () => late.abort());
  try {
    const either = AbortSignal.any([signal, late.signal]);
    const answers = await Promise.all(nodes.map((node) => transport.probe(node.id, either)));
    return nodes.filter((_, index) => answers[index]);
  } finally {
    off();
  }
}

/** The first of `holders` that answers, or else any that does. */
export async function reachableHolder(
  holders: readonly DeviceId[],
  ports: Pick<JobsPorts, 'transport' | 'clock'>,
  signal: AbortSignal
): Promise<DeviceId | undefined> {
  const [first, ...others] = holders.map((id) => ({ id }));
  if (!first) return undefined;
  const found = (await answering([first], ports, signal))[0] ?? (await answering(others, ports, signal))[0];
  signal.throwIfAborted();
  return found?.id;
}
