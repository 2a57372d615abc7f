import { createHash } from 'node:crypto';
import type { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import type { JobsOrganization, JobsPorts } from './port.ts';

/**
 * Which nodes a job goes to: approved ones that answer. Other machines before this one (which may be switched off), awake
 * ones before the unseen, and then by rendezvous hashing (Thaler and Ravishankar 1998), so that jobs spread evenly.
 */
export function rankNodes(job: JobId, organization: JobsOrganization, self: DeviceId): DirectoryDevice[] {
  const online = organization.online();
  return nodesOf(organization)
    .map((node) => ({
      node,
      tier: Number(node.id === self) * 2 + Number(!online.has(node.id)),
      score: createHash('sha256').update(`${job}/${node.id}`).digest('hex')
    }))
    .sort((a, b) => a.tier - b.tier || (a.score < b.score ? -1 : 1))
    .map(({ node }) => node);
}

/** All approved nodes that say where they listen. */
export const nodesOf = (organization: JobsOrganization): DirectoryDevice[] =>
  (organization.directory()?.devices ?? []).filter(
    (device) => device.status === 'approved' && device.roles.includes('node') && device.url !== null
  );

/** Long enough for a sleeping Wi-Fi, short enough for somebody who waits at a print dialog. */
const probeMs = 2_000;

/**
 * The first `wanted` of `ranked` that answer, in that order. Asks the best ones first; all others at once only if one of those
 * is silent.
 */
export async function reachableNodes<Node extends { readonly id: DeviceId }>(
  ranked: readonly Node[],
  wanted: number,
  { transport, clock }: Pick<JobsPorts, 'transport' | 'clock'>,
  signal: AbortSignal
): Promise<Node[]> {
  const answering = async (nodes: readonly Node[]): Promise<Node[]> => {
    const late = new AbortController();
    const off = clock.after(probeMs, () => late.abort());
    try {
      const either = AbortSignal.any([signal, late.signal]);
      const answers = await Promise.all(nodes.map((node) => transport.probe(node.id, either)));
      return nodes.filter((_, index) => answers[index]);
    } finally {
      off();
    }
  };

  const found = await answering(ranked.slice(0, wanted));
  if (found.length < wanted && ranked.length > wanted) found.push(...(await answering(ranked.slice(wanted))));
  signal.throwIfAborted();
  return found.slice(0, wanted);
}
