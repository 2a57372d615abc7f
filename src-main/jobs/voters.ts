import type { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import { rankNodes } from '../protocol/placement.ts';
import { nodesOf, offlineAllowed } from './placement.ts';
import type { JobsPorts } from './port.ts';

/**
 * Who keeps the one claim of a job that may be released without the coordinator: the nodes that get it, and the next best ones up
 * to an odd number, so that one of them may be away. None where the policy does not have it.
 */
export function votersOf(
  job: JobId,
  { copies, chosen }: { readonly copies: number; readonly chosen: readonly DirectoryDevice[] },
  { organization, identity, transport }: Pick<JobsPorts, 'organization' | 'identity' | 'transport'>
): DeviceId[] {
  if (!offlineAllowed(organization)) return [];
  const online = organization.online();
  const candidates = nodesOf(organization).map(({ id, roles }) => {
    const condition = transport.condition(id);
    return { id, roles, awake: online.has(id) || condition !== null, condition };
  });
  const rule = { copies: 0, bytes: 0, origin: identity.id, offlineGrants: true };
  const ranked = rankNodes(job, candidates, rule).ranked.map(({ id }) => id);
  const odd = copies + 1 - (copies % 2);
  return [...new Set([...chosen.map(({ id }) => id), ...ranked])].slice(0, odd);
}
