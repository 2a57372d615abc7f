import type { SiteId } from '../../../src-preload/contract/index.ts';
import { policyInForce } from '../policy/in-force.ts';
import type { Tables } from '../store.ts';
import { firstSite } from './sites.ts';

/** How many of everything belong to a site, or name it: while there are any it stays. */
export interface SiteUse {
  /** Not the revoked ones. */
  readonly devices: number;
  readonly printers: number;
  /** That could still enrol a machine. */
  readonly tokens: number;
  readonly heldJobs: number;
  readonly rules: number;
}

/** Of every site, each table read once. */
export async function siteUse(tables: Tables, now: number): Promise<(site: SiteId) => SiteUse> {
  const first = await firstSite(tables);
  const keys = new Map((await tables.releaseKeys.list()).map(({ epoch, site }) => [epoch, site]));
  const devices = counted((await tables.devices.list()).filter(({ status }) => status === 'approved'));
  const printers = counted((await tables.printers.list()).filter(({ status }) => status !== 'removed'));
  const tokens = counted(
    (await tables.tokens.list()).filter(
      ({ revoked, expires, uses, maxUses }) => !revoked && expires > now && uses < maxUses
    )
  );
  const rules = counted((await policyInForce(tables)).rules.flatMap(({ site }) => (site ? { site } : [])));
  // A job is of the site whose key it needs; one from before keys were noted is of the first.
  const jobs = new Map<SiteId, number>();
  for (const [epoch, count] of await tables.jobs.openByEpoch()) {
    const site = (epoch === null ? undefined : keys.get(epoch)) ?? first;
    jobs.set(site, (jobs.get(site) ?? 0) + count);
  }
  return (site) => ({
    devices: devices.get(site) ?? 0,
    printers: printers.get(site) ?? 0,
    tokens: tokens.get(site) ?? 0,
    heldJobs: jobs.get(site) ?? 0,
    rules: rules.get(site) ?? 0
  });
}

function counted(of: readonly { readonly site: SiteId }[]): Map<SiteId, number> {
  const counts = new Map<SiteId, number>();
  for (const { site } of of) counts.set(site, (counts.get(site) ?? 0) + 1);
  return counts;
}
