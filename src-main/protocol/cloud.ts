import type { DeviceId, JobId, UserId } from '../../src-preload/contract/index.ts';
import type { Directory, DirectoryDevice } from './directory.ts';
import { policyOf } from './own-policy.ts';
import { type Decision, decide, PolicyRefused } from './policy.ts';

/**
 * Cloud nodes: nodes outside of the organization's network. Whether a job may lie on one follows from the signed directory and what
 * the job's manifest says, so that the printing machine, its holders and the cloud node itself all decide the same, and anew whenever
 * the directory changes. What is not known counts against it: nothing goes out on a guess.
 */
export interface JobOrigin {
  /** The machine that printed it. */
  readonly device: DeviceId;
  readonly owner: UserId;
  readonly site: string;
}

/** As the manifest says it; what is asked before anything of a job is sent to a node. */
export interface OutgoingJob extends JobOrigin {
  readonly job: JobId;
}

type Known = Pick<Directory, 'devices' | 'rules' | 'policy'>;

/** What the policy says of jobs from there on cloud nodes. */
export function cloudDecision(directory: Known, { device, owner, site }: JobOrigin): Decision<'cloudNodes'> {
  const policy = policyOf(directory);
  const printer = directory.devices.find(({ id }) => id === device);
  if (printer?.owner === owner)
    return decide(policy, { user: owner, groups: printer.ownerGroups ?? [], site }).cloudNodes;
  // Groups are known of a machine's own user only: of anybody else each rule that says no may hold, and none that says yes.
  const rules = policy.rules.filter(({ group, effects }) => group === undefined || effects.cloudNodes === 'deny');
  const groups = rules.flatMap(({ group }) => group ?? []);
  return decide({ ...policy, rules }, { user: owner, groups, site }).cloudNodes;
}

export const cloudAllowed = (directory: Known | null, origin: JobOrigin): boolean =>
  directory !== null && cloudDecision(directory, origin).value === 'allow';

/** Whether any job of anybody may lie on a cloud node. */
export const cloudEverAllowed = ({ policy, rules }: Pick<Directory, 'policy' | 'rules'>): boolean =>
  policy.cloudNodes === 'allow' || (rules?.list ?? []).some(({ effects }) => effects.cloudNodes === 'allow');

type Place = Pick<DirectoryDevice, 'cloud'>;

/** Whether this node may have the job. */
export const mayLieOn = (node: Place, directory: Known | null, origin: JobOrigin): boolean =>
  node.cloud !== true || cloudAllowed(directory, origin);

/** Throws `policy-refused`, with the rule. */
export function requirePlace(node: Place, directory: Known | null, origin: JobOrigin): void {
  if (node.cloud !== true) return;
  if (!directory)
    throw new PolicyRefused('cloudNodes', { rule: 'settings', words: 'nothing is known yet', version: 0 });
  const decision = cloudDecision(directory, origin);
  if (decision.value === 'deny') throw new PolicyRefused('cloudNodes', decision, 'It may not lie on a cloud node.');
}
