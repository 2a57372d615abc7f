import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { urlHost } from '../base/url-host.ts';
import { createDeviceServer, type DeviceServer } from '../identity/device-server.ts';
import { deviceTlsServer, publicTlsServer } from '../identity/tls.ts';
import type { DirectoryKeeper } from './directory-keeper.ts';
import type { CoordinatorIdentity } from './identity.ts';
import { listening, type Ports, portsToUse, rememberPorts } from './ports.ts';

/**
 * The three doors of the coordinator, each with a port of its own: for machines, which show their certificate, for machines that
 * are to be paired, and for browsers.
 */
export interface Listeners {
  readonly device: DeviceServer;
  readonly pairing: DeviceServer;
  readonly web: DeviceServer;
  /** host:port of each. Empty until they listen; nobody asks before. */
  address(): Address;
  open(): Promise<Address>;
  close(): Promise<unknown>;
}
export interface Address {
  readonly device: string;
  readonly pairing: string;
  readonly web: string;
}

export function createListeners(options: {
  readonly dataDir: string;
  readonly host: string;
  readonly ports: Ports;
  readonly identity: CoordinatorIdentity;
  readonly isApproved: DirectoryKeeper['isApproved'];
  readonly logger: Logger;
}): Listeners {
  const { dataDir, host, identity, isApproved, logger } = options;
  const { onRenewed } = identity;
  const device = createDeviceServer({ tls: () => deviceTlsServer({ identity }), onRenewed, isApproved, logger });
  /** Whoever floods them runs dry before the device API does. */
  const forStrangers = {
    tls: () => publicTlsServer({ identity }),
    onRenewed,
    maxBody: limits.strangerBody,
    maxConnections: limits.strangerConnections,
    logger
  };
  const pairing = createDeviceServer({
    ...forStrangers,
    maxConnectionsPerAddress: limits.pairingConnectionsPerAddress
  });
  const web = createDeviceServer(forStrangers);
  let address: Address = { device: '', pairing: '', web: '' };

  return {
    device,
    pairing,
    web,
    address: () => address,
    async open() {
      const wanted = await portsToUse(dataDir, options.ports);
      const ports: Ports = {
        device: await listening(device, host, wanted.device),
        pairing: await listening(pairing, host, wanted.pairing),
        web: await listening(web, host, wanted.web)
      };
      await rememberPorts(dataDir, ports);
      const at = (port: number) => `${urlHost(host)}:${port}`;
      address = { device: at(ports.device), pairing: at(ports.pairing), web: at(ports.web) };
      return address;
    },
    close: () => Promise.all([device, pairing, web].map((server) => server.close()))
  };
}
