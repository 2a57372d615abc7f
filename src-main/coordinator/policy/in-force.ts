import type { PrinterId, UserGroupId, UserId } from '../../../src-preload/contract/index.ts';
import { isoTime } from '../../base/clock.ts';
import { type Decisions, decide, type Policy, type PolicySubject } from '../../protocol/policy.ts';
import type { Tables } from '../store.ts';
import { groupsOf } from '../users/groups.ts';
import type { PolicyRecord } from './tables.ts';

/** The policy that counts now, read from the database: within an act, in its transaction. */
export async function policyInForce({ policies }: Pick<Tables, 'policies'>): Promise<PolicyRecord> {
  const record = await policies.newest();
  if (!record) throw new TypeError('the organization is set up with its policy');
  return record;
}

/** Who is asked about, with the groups that they are in now. */
export async function subjectOf(tables: Tables, user: UserId, printer?: PrinterId): Promise<PolicySubject> {
  const groups = (await groupsOf(tables, user)).map(({ id }) => id);
  return { user, groups, site: (await tables.organization.get())?.site ?? '', printer };
}

export async function decisionsFor(
  tables: Tables,
  { user, printer }: { readonly user: UserId; readonly printer?: PrinterId }
): Promise<Decisions> {
  return decide(await policyInForce(tables), await subjectOf(tables, user, printer));
}

/** Groups that rules speak of: all that anybody has to know of somebody's groups. */
export const groupsInRules = ({ rules }: Pick<Policy, 'rules'>): ReadonlySet<UserGroupId> =>
  new Set(rules.flatMap(({ group }) => group ?? []));

/** As 2026-01, in UTC: what quotas and reports count by. */
export const monthOf = (now: number): string => isoTime(now).slice(0, 7);
