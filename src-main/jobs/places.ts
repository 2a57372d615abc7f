import type { DeviceId } from '../../src-preload/contract/ids.ts';
import type { SiteId } from '../../src-preload/contract/site-views.ts';
import { cloudAllowed, type JobOrigin } from '../protocol/cloud.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import type { JobRecord } from './job-record.ts';
import { nodesOf, ownSite } from './placement.ts';
import type { JobsOrganization } from './port.ts';

/** Where a job that was printed on the machine `self` may lie: all nodes of its site, of cloud nodes only those that the policy allows it. */
export interface Places {
  readonly nodes: readonly DirectoryDevice[];
  readonly site: SiteId | null;
  readonly cloudNodes: boolean;
  has(node: DeviceId): boolean;
}

/** `user`, `site`: whose job it is; null: not written down, then it is the machine's own user's, and of its own site. */
export function placesOf(
  job: Partial<Pick<JobRecord, 'user' | 'site'>>,
  organization: JobsOrganization,
  self: DeviceId
): Places {
  const directory = organization.directory();
  const owner = job.user ?? organization.device(self)?.owner;
  const site = job.site ?? ownSite(organization, self);
  const origin: JobOrigin | null = owner && site ? { device: self, owner, site } : null;
  const cloudNodes = origin !== null && cloudAllowed(directory, origin);
  const may = ({ cloud }: DirectoryDevice) => cloud !== true || cloudNodes;
  return {
    nodes: nodesOf(organization, site).filter(may),
    site,
    cloudNodes,
    has(id) {
      const node = organization.device(id);
      return node === undefined || may(node);
    }
  };
}
