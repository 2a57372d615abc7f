import type { DeviceId, UserId } from '../../../src-preload/contract/index.ts';
import { type JobOrigin, mayLieOn } from '../../protocol/cloud.ts';
import { decide, PolicyRefused } from '../../protocol/policy.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import type { Tables } from '../store.ts';
import { groupsOf } from '../users/groups.ts';
import { policyInForce } from './in-force.ts';

/** Throws `policy-refused` where the node is a cloud node and jobs of this user may not lie on one. Within an act, by what is so now. */
export async function requirePlace(
  tables: Tables,
  node: DeviceId,
  { owner, site }: { readonly owner: UserId; readonly site: string }
): Promise<void> {
  if (!(await tables.devices.get(node))?.cloud) return;
  const groups = (await groupsOf(tables, owner)).map(({ id }) => id);
  const { cloudNodes } = decide(await policyInForce(tables), { user: owner, groups, site });
  if (cloudNodes.value === 'deny') throw new PolicyRefused('cloudNodes', cloudNodes, `(node ${node})`);
}

/** Those of the holders from which the job may be had: approved now, and where the policy lets it lie. */
export const usableHolders = (
  holders: readonly DeviceId[],
  directory: Pick<DirectoryKeeper, 'current' | 'device'>,
  job: JobOrigin
): DeviceId[] =>
  holders.filter((id) => {
    const node = directory.device(id);
    return node !== undefined && mayLieOn(node, directory.current(), job);
  });
