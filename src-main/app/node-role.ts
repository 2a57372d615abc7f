import { join } from 'node:path';
import { z } from 'zod';
import type { NodeState } from '../../src-preload/contract/index.ts';
import { readJson, writeJsonAtomic } from '../base/atomic-file.ts';
import { createDelivery } from '../delivery/delivery.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { type MeshNode, startNode } from '../mesh/node.ts';
import type { Organization } from '../organization/organization.ts';
import { coalesce } from './events.ts';
import { joinOrganization } from './join-organization.ts';
import { openMembership } from './membership.ts';
import type { RoleContext, RunningRole } from './role.ts';
import { type SharedPrinter, type ShareOptions, sharePrinter } from './shared-printer.ts';
import { connectionView } from './views.ts';

interface NodeServices {
  readonly organization: Organization;
  readonly node: MeshNode;
  readonly shared: SharedPrinter | null;
}

interface NodeOptions {
  readonly host: string;
  readonly port?: number | undefined;
  /** Absent: no printer is shared. */
  readonly share?: ShareOptions | undefined;
}

/** A machine that keeps sealed replicas and delivers released jobs. */
export async function startNodeRole(context: RoleContext & NodeOptions): Promise<RunningRole> {
  const changed = coalesce(() => context.events.emit('node.state', state()), 100);
  context.lifecycle.add('state events', changed.cancel);
  const membership = await openMembership<NodeServices>({
    ...context,
    roles: ['node'],
    onChange: changed.request,
    start: (identity) => startServices(context, identity, changed.request)
  });
  const state = (): NodeState => {
    const services = membership.services();
    const sharedPrinter = services?.shared?.state();
    return {
      ...membership.view(),
      connection: connectionView(services?.organization ?? null),
      url: services?.node.url ?? null,
      replicas: services?.node.heldJobs().size ?? 0,
      ...(sharedPrinter ? { sharedPrinter } : {})
    };
  };
  return {
    ready: { role: 'node', id: membership.view().device.id, url: membership.services()?.node.url ?? null },
    handlers: { ...membership.handlers, 'node.state': async () => state() }
  };
}

async function startServices(
  context: RoleContext & NodeOptions,
  identity: DeviceIdentity,
  onChange: () => void
): Promise<NodeServices> {
  const { dataDir, host, clock, logger, lifecycle } = context;
  const organization = await joinOrganization(context, identity);
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
  const { share } = context;
  const shared = share ? await sharePrinter({ ...context, share, identity, organization, onChange }) : null;
  return { organization, node, shared };
}
