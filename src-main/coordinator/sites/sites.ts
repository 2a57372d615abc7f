import type { DeviceId, PrinterId, SiteId } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Manifest } from '../../sealing/manifest.ts';
import type { Act } from '../act.ts';
import type { DeviceRecord, Tables } from '../store.ts';
import type { SiteRecord } from './tables.ts';

/** Sites as the rest of the coordinator asks for them. docs/adr/0022-sites.md says what stays within one. */

/** The one that the organization began with: what nobody places elsewhere is there. */
export async function firstSite({ organization }: Pick<Tables, 'organization'>): Promise<SiteId> {
  const known = await organization.get();
  if (!known) throw new TypeError('the organization is set up with its first site');
  return known.site;
}

/** Throws `not-found`. */
export async function requireSite({ sites }: Pick<Tables, 'sites'>, id: SiteId): Promise<SiteRecord> {
  const site = await sites.get(id);
  if (!site) throw new LetterlockError('not-found', 'site');
  return site;
}

/** The one that was asked for, which must be there, or else the first. Throws `not-found`. */
export const chosenSite = async (tables: Tables, wanted: SiteId | undefined): Promise<SiteId> =>
  wanted === undefined ? firstSite(tables) : (await requireSite(tables, wanted)).id;

/** Puts a machine or printer into another site; `move` writes it. False: it is there already. Throws `not-found`. */
export async function changeSite(
  { tables, record }: Act,
  kind: 'device' | 'printer',
  { id, site: from }: { readonly id: DeviceId | PrinterId; readonly site: SiteId },
  to: SiteId,
  move: () => Promise<void>
): Promise<boolean> {
  await requireSite(tables, to);
  if (from === to) return false;
  await move();
  record(`${kind}.moved`, id, { from, to });
  return true;
}

/** A client's clock may be ahead by so much, and news of a move may be late by so much. */
const slackMs = 5 * 60 * 1000;

/**
 * A machine seals for its own site, to keys of that site and no other. What it sealed before it was moved is of the site where it
 * was. Throws `policy-refused`.
 */
export async function requireOwnSite(
  { releaseKeys, offlineKeys }: Tables,
  { site, releaseKeyEpoch, escrow, created }: Pick<Manifest, 'site' | 'releaseKeyEpoch' | 'escrow' | 'created'>,
  device: Pick<DeviceRecord, 'site' | 'movedFrom' | 'moved'>
): Promise<void> {
  const before = site === device.movedFrom && Date.parse(created) <= (device.moved ?? 0) + slackMs;
  if (site !== device.site && !before) throw new LetterlockError('policy-refused', 'site');
  const isElsewhere = (keys: readonly { readonly epoch: number; readonly site: SiteId }[], epoch: number): boolean =>
    keys.some((key) => key.epoch === epoch && key.site !== site);
  if (isElsewhere(await releaseKeys.list(), releaseKeyEpoch))
    throw new LetterlockError('policy-refused', 'site of the release key');
  if (escrow && isElsewhere(await offlineKeys.list(), escrow.epoch))
    throw new LetterlockError('policy-refused', 'site of the offline key');
}
