import type { PrinterId, SiteId, UserGroupId, UserId } from '../../../src-preload/contract/index.ts';
import { isoTime } from '../../base/clock.ts';
import { type Decisions, decide, type Policy, type PolicySubject } from '../../protocol/policy.ts';
import { firstSite } from '../sites/sites.ts';
import type { Tables } from '../store.ts';
import { groupsOf } from '../users/groups.ts';
import type { PolicyRecord } from './tables.ts';

/** The policy that counts now, read from the database: within an act, in its transaction. */
export async function policyInForce({ policies }: Pick<Tables, 'policies'>): Promise<PolicyRecord> {
  const record = await policies.newest();
  if (!record) throw new TypeError('the organization is set up with its policy');
  return record;
}

/** Where somebody prints: at a printer, which says of which site, or from a machine of a site while no printer is chosen yet. */
export type Where = { readonly printer: PrinterId } | { readonly site: SiteId };

/** Who is asked about, with the groups that they are in now. */
export async function subjectOf(tables: Tables, user: UserId, where: Where): Promise<PolicySubject> {
  const groups = (await groupsOf(tables, user)).map(({ id }) => id);
  if ('site' in where) return { user, groups, site: where.site };
  const { printer } = where;
  const site = (await tables.printers.get(printer))?.site ?? (await firstSite(tables));
  return { user, groups, site, printer };
}

export async function decisionsFor(
  tables: Tables,
  { user, printer }: { readonly user: UserId; readonly printer: PrinterId }
): Promise<Decisions> {
  return decide(await policyInForce(tables), await subjectOf(tables, user, { printer }));
}

/** Groups that rules speak of: all that anybody has to know of somebody's groups. */
export const groupsInRules = ({ rules }: Pick<Policy, 'rules'>): ReadonlySet<UserGroupId> =>
  new Set(rules.flatMap(({ group }) => group ?? []));

/** As 2026-01, in UTC: what quotas and reports count by. */
export const monthOf = (now: number): string => isoTime(now).slice(0, 7);
