import { join } from 'node:path';
import { z } from 'zod';
import type { NodeState } from '../../src-preload/contract/index.ts';
import { readJson, writeJsonAtomic } from '../base/atomic-file.ts';
import { limits } from '../base/limits.ts';
import { createDelivery } from '../delivery/delivery.ts';
import { createStamper } from '../delivery/watermark/stamper.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { watchSleep } from '../mesh/leaving/sleep-signals.ts';
import { type MeshNode, startNode } from '../mesh/node.ts';
import type { Organization } from '../organization/organization.ts';
import type { MemberReport } from '../protocol/device-api.ts';
import type { NodeCondition } from '../protocol/node-condition.ts';
import { discoverNodes } from './discover-nodes.ts';
import { coalesce } from './events.ts';
import { joinOrganization } from './join-organization.ts';
import { openMembership } from './membership.ts';
import type { RoleContext, RunningRole } from './role.ts';
import { type SharedPrinter, type ShareOptions, sharePrinter } from './shared-printer.ts';
import { connectionView, memberViews } from './views.ts';

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
  /** Machines with the same one fail together. */
  readonly failureDomain?: string | undefined;
  /** Where other nodes may be found, besides what the directory says. */
  readonly peers?: readonly string[] | undefined;
  /** Says on the network that it is a node, and looks for others there. */
  readonly discovery?: boolean | undefined;
  /** The program of the thread that stamps watermarks. Absent: what the policy wants stamped is not printed. */
  readonly stampThread?: string | undefined;
}

/** A machine that keeps sealed replicas and delivers released jobs. */
export async function startNodeRole(context: RoleContext & NodeOptions): Promise<RunningRole> {
  /** A node that returns erases and hears others before all of it has started: there is no state to tell yet. */
  let started = false;
  const changed = coalesce(() => started && context.events.emit('node.state', state()), 100);
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
      members: services ? memberViews(services) : [],
      ...(sharedPrinter ? { sharedPrinter } : {})
    };
  };
  started = true;
  changed.request();
  return {
    ready: { role: 'node', id: membership.view().device.id, url: membership.services()?.node.url ?? null },
    handlers: {
      ...membership.handlers,
      'node.state': async () => state(),
      'node.leave': async ({ seconds }) => {
        const { made, left } = await membership.require().node.leaving.leave('told', seconds);
        return { made, left: left.length };
      },
      'node.stay': async () => {
        membership.require().node.leaving.stay();
        return {};
      }
    }
  };
}

async function startServices(
  context: RoleContext & NodeOptions,
  identity: DeviceIdentity,
  onChange: () => void
): Promise<NodeServices> {
  const { dataDir, host, stampThread, clock, logger, lifecycle } = context;
  const organization = await joinOrganization(context, identity);
  const file = join(dataDir, 'listen.json');
  const known = await readJson(file, z.object({ port: z.number().int().min(1).max(65535) }));
  const delivery = await createDelivery({
    ...{ dataDir, identity, organization, clock, logger },
    stamp: stampThread ? createStamper({ thread: stampThread, clock }) : undefined
  });
  lifecycle.add('delivery', () => delivery.close());
  let url: string | null = null;
  let condition: NodeCondition | undefined;
  const announce = () => url && organization.announce(url, condition, membersOf(node));
  const node = await startNode({
    dataDir,
    host,
    port: context.port ?? known?.port ?? 0,
    domain: context.failureDomain,
    fixedPeers: context.peers,
    onCondition(now) {
      condition = now;
      announce();
    },
    identity,
    organization,
    deliver: delivery,
    onReplicas: onChange,
    clock,
    logger
  });
  lifecycle.add('node', () => node.close());
  const sleep = watchSleep({
    sleep: () => node.leaving.leave('sleep', limits.sleepLeaveSeconds),
    wake: node.leaving.stay
  });
  lifecycle.add('handing over', async () => {
    sleep.close();
    await node.leaving.leave('stop', limits.stopLeaveSeconds);
  });
  await writeJsonAtomic(file, { port: Number(new URL(node.url).port) });
  url = node.url;
  condition = await node.leaving.condition.read();
  announce();
  const report = coalesce(announce, limits.reportSeconds * 1000);
  lifecycle.add('reports about members', report.cancel);
  lifecycle.add('organization events', organization.onChange(onChange));
  const offMembers = node.membership.onChange(() => {
    onChange();
    report.request();
  });
  lifecycle.add('changes of members', offMembers);
  if (context.discovery) lifecycle.add('node discovery', discoverNodes({ ...context, identity, organization, node }));
  const { share } = context;
  const shared = share ? await sharePrinter({ ...context, share, identity, organization, onChange }) : null;
  return { organization, node, shared };
}

const membersOf = ({ membership }: MeshNode): MemberReport[] =>
  membership
    .members()
    .slice(0, limits.reportedMembers)
    .map(({ id, state }) => ({ id, state }));
