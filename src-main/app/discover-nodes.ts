import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { linksFor } from '../discovery/links.ts';
import { openDiscovery } from '../discovery/multicast-discovery.ts';
import { nodeService, nodeTxt, readNode } from '../discovery/node-txt.ts';
import type { Discovery, FoundService } from '../discovery/port.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import type { MeshNode } from '../mesh/node.ts';
import type { Organization } from '../organization/organization.ts';
import { siteOfDevice } from '../protocol/sites.ts';

/**
 * A node on its links: says where it listens, under its device id and nothing that names people or machines, and tells the mesh
 * where others say that they are. Failing is no harm: the directory has the addresses too. Returns what ends it.
 */
export function discoverNodes(options: {
  /** Where the node listens. */
  readonly host: string;
  readonly identity: Pick<DeviceIdentity, 'id'>;
  readonly organization: Pick<Organization, 'directory' | 'onChange'>;
  readonly node: Pick<MeshNode, 'url' | 'addresses'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 5353 but in tests. */
  readonly mdnsPort?: number;
}): () => Promise<void> {
  const { host, identity, organization, node, clock, logger, mdnsPort = 5353 } = options;
  const { addresses } = node;
  const ending = new AbortController();
  const site = () => {
    const directory = organization.directory();
    return directory ? siteOfDevice(directory, identity.id) : '';
  };
  const txt = () => nodeTxt({ ...identity, site: site() });
  const each = (service: FoundService, tell: typeof addresses.found): void => {
    const found = readNode(service, site());
    if (!found || found.id === identity.id) return;
    for (const url of found.urls) tell(found.id, url);
  };

  /** From the beginning, so that nodes that were passed over at another site are found. */
  function look(discovery: Discovery): void {
    looking.abort();
    looking = new AbortController();
    discovery.browse(
      nodeService,
      { onUp: (service) => each(service, addresses.found), onDown: (service) => each(service, addresses.lost) },
      AbortSignal.any([ending.signal, looking.signal])
    );
  }
  let looking = new AbortController();

  async function open() {
    const discovery = await openDiscovery({ links: linksFor(host), clock, logger, port: mdnsPort });
    try {
      let seen = site();
      look(discovery);
      const service = { type: nodeService, port: Number(new URL(node.url).port), txt: txt() };
      const label = `letterlock-node-${identity.id.slice(0, 8)}`;
      const offer = { name: identity.id, host: label, services: [service] };
      const said = await discovery.advertise(offer, { signal: ending.signal });
      const moved = () => {
        if (site() === seen) return;
        seen = site();
        said.update({ [nodeService]: txt() });
        look(discovery);
      };
      ending.signal.addEventListener('abort', organization.onChange(moved));
      moved();
    } catch (error) {
      if (ending.signal.aborted) await discovery.close();
      else logger.warn({ error }, 'this node is not announced on the network');
    }
    return discovery;
  }
  const opened = open().catch((error: unknown) => {
    logger.warn({ error }, 'nodes are not looked for on the network');
    return null;
  });
  return async () => {
    ending.abort();
    await (await opened)?.close();
  };
}
