import { join } from 'node:path';
import { z } from 'zod';
import type { NodeState } from '../../src-preload/contract/index.ts';
import { readJson, writeJsonAtomic } from '../base/atomic-file.ts';
import { createDelivery } from '../delivery/delivery.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { type MeshNode, startNode } from '../mesh/node.ts';
import { connectOrganization, type Organization } from '../organization/organization.ts';
import { coalesce } from './events.ts';
import { openMembership } from './membership.ts';
import type { RoleContext, RunningRole } from './role.ts';
import { connectionView } from './views.ts';

interface NodeServices {
  readonly organization: Organization;
  readonly node: MeshNode;
}

/** A machine that keeps sealed replicas and delivers released jobs. */
export async function startNodeRole(
  context: RoleContext & { readonly host: string; readonly port?: number | undefined }
): Promise<RunningRole> {
  const changed = coalesce(() => context.events.emit('node.state', state()), 100);
  context.lifecycle.add('state events', changed.cancel);
  const membership = await openMembership<NodeServices>({
    ...context,
    roles: ['node'],
    onChange: changed.request,
    start: (identity) => startServices(context, identity)
  });
  const state = (): NodeState => {
    const services = membership.services();
    return {
      ...membership.view(),
      connection: connectionView(services?.organization ?? null),
      url: services?.node.url ?? null,
      replicas: services?.node.heldJobs().size ?? 0
    };
  };
  return {
    ready: { role: 'node', id: membership.view().device.id, url: membership.services()?.node.url ?? null },
    handlers: { ...membership.handlers, 'node.state': async () => state() }
  };
}

async function startServices(
  context: Parameters<typeof startNodeRole>[0],
  identity: DeviceIdentity
): Promise<NodeServices> {
  const { dataDir, host, clock, logger, lifecycle } = context;
  const organization = await connectOrganization({ identity, dataDir, clock, logger });
  lifecycle.add('coordinator connection', () => organization.close());
  const file = join(dataDir, 'listen.json');
  const known = await readJson(file, z.object({ port: z.number().int().min(1).max(65535) }));
  const delivery = await createDelivery({ dataDir, identity, organization, clock, logger });
  lifecycle.add('delivery', () => delivery.close());
  const node = await startNode({
    dataDir,
    host,
    port: context.port ?? known?.port ?? 0,
    identity,
    organization,
    deliver: delivery,
    clock,
    logger
  });
  lifecycle.add('node', () => node.close());
  await writeJsonAtomic(file, { port: Number(new URL(node.url).port) });
  organization.announce(node.url);
  return { organization, node };
}
