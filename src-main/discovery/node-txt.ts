import { DeviceId } from '../../src-preload/contract/ids.ts';
import { urlHost } from '../base/url-host.ts';
import type { FoundService, TxtRecord } from './port.ts';

/** Nodes of the mesh on a link. What is found says where to look, never who is there: that is proven by TLS. */
export const nodeService = '_letterlock-node._tcp';

export const nodeTxt = (node: { readonly id: DeviceId; readonly site: string }): TxtRecord => ({
  txtvers: '1',
  id: node.id,
  site: node.site
});

/** Null: not a node, or not of this site. */
export function readNode(service: FoundService, site: string): { id: DeviceId; urls: string[] } | null {
  const text = (key: string): string | undefined => {
    const value = service.txt.get(key);
    return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : undefined;
  };
  const id = DeviceId.safeParse(text('id'));
  if (!id.success || text('site') !== site) return null;
  // A link-local IPv6 address means nothing without its interface, which a URL cannot name.
  const addresses = service.addresses.filter((address) => !/^fe[89ab]/i.test(address));
  return { id: id.data, urls: addresses.map((address) => `https://${urlHost(address)}:${service.port}`) };
}
