import type { ConnectionView, MemberView, PrinterView } from '../../src-preload/contract/index.ts';
import { isoTime } from '../base/clock.ts';
import type { MeshNode } from '../mesh/node.ts';
import type { Organization } from '../organization/organization.ts';
import { siteName } from '../protocol/sites.ts';

/** What every role shows of its organization. */
export function connectionView(organization: Organization | null): ConnectionView {
  const verifiedAt = organization?.verifiedAt() ?? null;
  return {
    coordinator: organization?.connected() ? 'online' : 'offline',
    directoryAge: verifiedAt === null ? null : isoTime(verifiedAt),
    nodes: approvedNodes(organization).map(({ id, name }) => ({
      id,
      name,
      alive: organization?.online().has(id) ?? false
    }))
  };
}

/** The other nodes as this one sees them. */
export function memberViews({ organization, node }: { organization: Organization; node: MeshNode }): MemberView[] {
  return node.membership.members().map(({ id, state, since }) => ({
    id,
    name: organization.device(id)?.name ?? '',
    state,
    since: isoTime(since)
  }));
}

export function printerViews(organization: Organization | null): PrinterView[] {
  const directory = organization?.directory();
  if (!directory) return [];
  return directory.printers.map(({ id, name, location, grade, certificateSha256, site: at }) => {
    const site = siteName(directory, at);
    return { id, name, location, grade, secure: certificateSha256 !== null, ...(site === undefined ? {} : { site }) };
  });
}

/** In the order in which people look for them. */
function approvedNodes(organization: Organization | null) {
  const devices = organization?.directory()?.devices ?? [];
  return devices
    .filter((device) => device.status === 'approved' && device.roles.includes('node'))
    .sort((one, other) => byName.compare(one.name, other.name));
}

const byName = new Intl.Collator(undefined, { numeric: true });
