import { startCoordinator } from '../coordinator/coordinator.ts';
import type { FetchCapabilities } from '../coordinator/printer-capabilities.ts';
import { capabilityNames, encodeCapabilities, pickCapabilities } from '../ipp/capabilities.ts';
import { fetchPrinterCertificate, openPrinter } from '../ipp/client.ts';
import { openCoordinatorStore } from '../storage/coordinator-store.ts';
import type { Handlers } from './dispatch.ts';
import type { RoleContext, RunningRole } from './role.ts';

export interface CoordinatorOptions {
  readonly organizationName: string;
  readonly host: string;
  /** 0 or absent: any free port at the first start, the same one ever after. */
  readonly ports: { readonly device?: number; readonly pairing?: number; readonly web?: number };
  /** The built pages of console and portal. */
  readonly pagesDir?: string | undefined;
  /** A PostgreSQL server instead of the embedded database. */
  readonly database?: DatabaseOptions | undefined;
}
export interface DatabaseOptions {
  /** postgres://user@host/database, without a password. */
  readonly url: string;
  readonly password?: string | undefined;
}

/** The brain that never sees a document: identities, approvals, keys, grants, audit. */
export async function startCoordinatorRole(context: RoleContext & CoordinatorOptions): Promise<RunningRole> {
  const { dataDir, organizationName, host, ports, pagesDir, database, clock, logger, lifecycle } = context;
  const coordinator = await startCoordinator({
    dataDir,
    organizationName,
    host,
    ports: { device: ports.device ?? 0, pairing: ports.pairing ?? 0, web: ports.web ?? 0 },
    pagesDir,
    clock,
    logger,
    openStore: database ? () => openServer(database) : openCoordinatorStore,
    fetchPrinter: fetchPrinterCertificate,
    fetchCapabilities
  });
  lifecycle.add('coordinator', () => coordinator.close());
  const handlers = Object.fromEntries(
    Object.entries(coordinator.handlers).map(([name, answer]) => [
      name,
      (input: never) => answer(input, 'local administrator')
    ])
  ) as Handlers;
  return {
    handlers,
    ready: {
      role: 'coordinator',
      url: coordinator.deviceUrl,
      pairingUrl: coordinator.pairingUrl,
      webUrl: coordinator.webUrl,
      adminUser: coordinator.adminUser,
      adminPasswordFile: coordinator.adminPasswordFile
    }
  };
}

/** Loaded only where there is a server. */
async function openServer({ url, password }: DatabaseOptions) {
  const { openPostgresStore } = await import('../storage/postgres-store.ts');
  return openPostgresStore(url, { password });
}

const fetchCapabilities: FetchCapabilities = async ({ uri, grade, certificateSha256 }, signal) => {
  const pin = certificateSha256 ? { pin: certificateSha256 } : {};
  const printer = openPrinter({ uri, signal, plainAllowed: grade === 'plain-allowed', ...pin });
  return encodeCapabilities(pickCapabilities(await printer.getPrinterAttributes(...capabilityNames)));
};
