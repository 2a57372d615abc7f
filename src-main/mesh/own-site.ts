import type { DeviceId, SiteId } from '../../src-preload/contract/index.ts';
import type { Organization } from '../organization/organization.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import { siteOf } from '../protocol/sites.ts';

/** A node is a member of the mesh of its own site, whichever that is now: the directory says so, and may say otherwise tomorrow. */
type Known = Pick<Organization, 'directory' | 'device'>;

/** Null while this node is not approved. */
export function ownSite({ directory, device }: Known, self: DeviceId): SiteId | null {
  const [known, own] = [directory(), device(self)];
  return known && own ? siteOf(known, own) : null;
}

/** The node of this id, if it is approved and of this node's own site. */
export function siteMate(organization: Known, self: DeviceId, id: DeviceId): DirectoryDevice | undefined {
  const [known, other] = [organization.directory(), organization.device(id)];
  if (!known || !other?.roles.includes('node')) return undefined;
  return siteOf(known, other) === ownSite(organization, self) ? other : undefined;
}

/** Approved nodes of a site that listen somewhere. */
export function nodesOfSite({ directory, device }: Known, site: SiteId | null): DirectoryDevice[] {
  const known = directory();
  return (known?.devices ?? []).filter(
    (node) =>
      node.roles.includes('node') &&
      node.url !== null &&
      known !== null &&
      siteOf(known, node) === site &&
      device(node.id) !== undefined
  );
}
