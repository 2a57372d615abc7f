import type { DeviceId, PrinterId, SiteId } from '../../src-preload/contract/index.ts';
import type { Directory, DirectoryDevice, DirectoryPrinter } from './directory.ts';

/**
 * Buildings and branches, as the signed directory tells of them. A machine belongs to one: to its keys its jobs are sealed, on its
 * nodes they lie. A directory from before there were several says nothing of them; then all is of its one site.
 */
type Belongs = Pick<DirectoryDevice | DirectoryPrinter, 'site'>;
type Sites = Pick<Directory, 'site' | 'sites' | 'devices' | 'printers'>;

export const siteOf = ({ site }: Pick<Directory, 'site'>, one: Belongs | undefined): SiteId => one?.site ?? site;

export const siteOfDevice = (directory: Pick<Sites, 'site' | 'devices'>, device: DeviceId): SiteId =>
  siteOf(
    directory,
    directory.devices.find(({ id }) => id === device)
  );

export const siteOfPrinter = (directory: Pick<Sites, 'site' | 'printers'>, printer: PrinterId): SiteId =>
  siteOf(
    directory,
    directory.printers.find(({ id }) => id === printer)
  );

/** What jobs of a site are sealed to: its release key, and its offline key while stations may release. Undefined: no such site. */
export function keysOf(
  { site: first, sites = [], releaseKey, offlineKey }: Pick<Directory, 'site' | 'sites' | 'releaseKey' | 'offlineKey'>,
  site: SiteId
): Pick<Directory, 'releaseKey' | 'offlineKey'> | undefined {
  return site === first ? { releaseKey, offlineKey } : sites.find(({ id }) => id === site);
}

/** As people call it; undefined while there is only one. */
export const siteName = (
  { site: first, sites = [] }: Pick<Directory, 'site' | 'sites'>,
  site = first
): string | undefined => (sites.length > 1 ? sites.find(({ id }) => id === site)?.name : undefined);
