import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** A network interface with those of its addresses at which something is served. */
export interface Link {
  /** `eth0` */
  readonly name: string;
  readonly addresses: readonly LinkAddress[];
}
export interface LinkAddress {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  /** `192.0.2.7/24` */
  readonly cidr: string;
}

/**
 * The links on which a server can be reached that listens on `host`. "Any address" is every real interface, an address is the
 * interface that has it. Empty: there is none. Interfaces that come later are not seen.
 */
export function linksFor(host: string): Link[] {
  const any = host === '0.0.0.0' || host === '::';
  const served = (family: string, address: string, internal: boolean): boolean =>
    any ? !internal && (family === 'IPv4' || host === '::') : address === (host === 'localhost' ? '127.0.0.1' : host);
  return Object.entries(networkInterfaces())
    .map(([name, all = []]) => ({
      name,
      addresses: all.flatMap(({ address, family, cidr, internal }) =>
        cidr && served(family, address, internal) ? [{ address, family, cidr }] : []
      )
    }))
    .filter(({ addresses }) => addresses.length > 0);
}

/** Whether a datagram's sender is on the link (RFC 6762 section 11): a socket on port 5353 hears all interfaces. */
export function onLink({ name, addresses }: Link): (sender: string) => boolean {
  const subnets = new BlockList();
  for (const { cidr, family } of addresses) {
    const [network = '', prefix = ''] = cidr.split('/');
    subnets.addSubnet(network, Number(prefix), family === 'IPv4' ? 'ipv4' : 'ipv6');
  }
  return (sender) => {
    const [address = '', zone] = sender.split('%');
    if (isIPv4(address)) return subnets.check(address, 'ipv4');
    return isIPv6(address) && (zone === undefined ? subnets.check(address, 'ipv6') : zone === name);
  };
}
