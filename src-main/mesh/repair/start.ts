import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { decoded } from '../../identity/base64url.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import { openStatement, Signed } from '../../identity/signed-statement.ts';
import type { Organization } from '../../organization/organization.ts';
import { HoldingReceipt } from '../../protocol/device-api.ts';
import type { Membership } from '../membership/port.ts';
import { nodesOfSite, ownSite } from '../own-site.ts';
import type { NodeTransport } from '../ports.ts';
import type { Copy } from './copying.ts';
import type { Coordinator, Policy, Repair, Shelf } from './port.ts';
import { createRepair } from './repair.ts';
import { addRepairRoutes } from './routes.ts';

/** Repair in a real node: over its disk, its connections to other nodes, and what it knows of the organization. */
export async function startRepair(options: {
  readonly app: FastifyInstance;
  readonly identity: DeviceIdentity;
  readonly organization: Organization;
  readonly membership: Membership;
  readonly shelf: Shelf;
  readonly transport: Pick<NodeTransport, 'sync'>;
  readonly copy: Copy;
  readonly mayHold: Policy['mayHold'];
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<Repair> {
  const { app, identity, organization, membership, shelf, transport, copy, mayHold, clock, logger } = options;
  const repair = await createRepair({
    self: identity.id,
    shelf,
    peers: { ask: transport.sync, copy },
    coordinator: coordinatorOf(organization),
    membership,
    policy: () => ({ ...policyOf(organization, identity.id), mayHold }),
    openReceipt: (signed) => openReceipt(signed, organization),
    clock,
    random: Math.random,
    logger
  });
  addRepairRoutes(app, { organization, repair });
  return repair;
}

const coordinatorOf = (organization: Organization): Coordinator => ({
  connected: organization.connected,
  onChange: organization.onChange,
  async outstanding(signal) {
    return (await organization.call('/v1/erasures/outstanding', {}, Outstanding, { signal })).orders;
  },
  async tell(job, receipt, signal) {
    await organization.call(`/v1/jobs/${job}/holders`, { receipt }, z.object({}), { signal });
  }
});
const Outstanding = z.object({ orders: z.array(Signed).default([]) });

function policyOf(organization: Organization, self: DeviceId): Omit<Policy, 'mayHold'> {
  const directory = organization.directory();
  const site = ownSite(organization, self);
  return {
    replicas: directory?.policy.replicas ?? 0,
    offlineGrants: (directory?.policy.offlineHours ?? 0) > 0,
    site,
    device: organization.device,
    nodes: () => nodesOfSite(organization, site)
  };
}

function openReceipt(signed: Signed, organization: Organization): HoldingReceipt | null {
  const node = organization.device(signed.signer);
  if (!node?.roles.includes('node')) return null;
  const publicKey = decoded(node.signing);
  try {
    const code = 'input-invalid' as const;
    return openStatement({ kind: 'holding', signed, publicKey, schema: HoldingReceipt, maxBytes: 1024, code });
  } catch (error) {
    if (error instanceof LetterlockError) return null;
    throw error;
  }
}
