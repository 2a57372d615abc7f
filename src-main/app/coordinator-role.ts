import { startCoordinator } from '../coordinator/coordinator.ts';
import { fetchPrinterCertificate } from '../ipp/client.ts';
import { openCoordinatorStore } from '../storage/coordinator-store.ts';
import type { Handlers } from './dispatch.ts';
import type { RoleContext, RunningRole } from './role.ts';

export interface CoordinatorOptions {
  readonly organizationName: string;
  readonly host: string;
  /** 0 or absent: any free port at the first start, the same one ever after. */
  readonly ports: { readonly device?: number; readonly pairing?: number; readonly web?: number };
}

/** The brain that never sees a document: identities, approvals, keys, grants, audit. */
export async function startCoordinatorRole(context: RoleContext & CoordinatorOptions): Promise<RunningRole> {
  const { dataDir, organizationName, host, ports, clock, logger, lifecycle } = context;
  const coordinator = await startCoordinator({
    dataDir,
    organizationName,
    host,
    ports: { device: ports.device ?? 0, pairing: ports.pairing ?? 0, web: ports.web ?? 0 },
    clock,
    logger,
    openStore: openCoordinatorStore,
    fetchPrinter: fetchPrinterCertificate
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
