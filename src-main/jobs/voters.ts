import type { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import type { SiteId } from '../../src-preload/contract/site-views.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import { rankNodes } from '../protocol/placement.ts';
import { nodesOf, offlineAllowed } from './placement.ts';
import type { JobsPorts } from './port.ts';

/**
 * Who keeps the one claim of a job that may be released without the coordinator: the nodes that get it, and the next best ones of its
 * site up to an odd number, so that one of them may be away. None where the policy does not have it.
 */
export function votersOf(
  job: JobId,
  {
    copies,
    site,
    cloudNodes,
    chosen
  }: {
    readonly copies: number;
    readonly site: SiteId;
    readonly cloudNodes: boolean;
    readonly chosen: readonly DirectoryDevice[];
  },
  { organization, identity, transport }: Pick<JobsPorts, 'organization' | 'identity' | 'transport'>
): DeviceId[] {
  if (!offlineAllowed(organization)) return [];
  const online = organization.online();
  const candidates = nodesOf(organization, site).map(({ id, roles, cloud }) => {
    const condition = transport.condition(id);
    return { id, roles, cloud, awake: online.has(id) || condition !== null, condition };
  });
  const rule = { copies: 0, bytes: 0, origin: identity.id, offlineGrants: true, cloudNodes };
  const ranked = rankNodes(job, candidates, rule).ranked.map(({ id }) => id);
  const odd = copies + 1 - (copies % 2);
  return [...new Set([...chosen.map(({ id }) => id), ...ranked])].slice(0, odd);
}
