import type { ClientState } from '../../src-preload/contract/index.ts';
import { watchNetwork } from '../base/network-changes.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { type ClientJobs, createClientJobs } from '../jobs/client-jobs.ts';
import { createNodeClient } from '../mesh/node-client.ts';
import type { Organization } from '../organization/organization.ts';
import { coalesce } from './events.ts';
import { joinOrganization } from './join-organization.ts';
import { openMembership } from './membership.ts';
import type { RoleContext, RunningRole } from './role.ts';
import { connectionView, printerViews } from './views.ts';
import { openVirtualPrinter, type VirtualPrinter, type VirtualPrinterOptions } from './virtual-printer.ts';

interface ClientServices {
  readonly organization: Organization;
  readonly jobs: ClientJobs;
}

/** An employee's laptop: virtual printer, sealing, outbox, queue, release. */
export async function startClient(
  context: RoleContext & { readonly printer: VirtualPrinterOptions }
): Promise<RunningRole> {
  const { lifecycle, events } = context;
  /** Null while it starts; changes may come before that. */
  let printer: VirtualPrinter | null = null;
  const shown = coalesce(() => events.emit('client.state', state()), 100);
  lifecycle.add('state events', shown.cancel);
  const changed = () => {
    printer?.changed();
    shown.request();
  };

  const membership = await openMembership<ClientServices>({
    ...context,
    roles: ['client'],
    onChange: changed,
    start: (identity) => startServices(context, identity, changed)
  });
  printer = await openVirtualPrinter(context, {
    ...context.printer,
    services: membership.services,
    onChange: shown.request
  });
  printer.changed();

  function state(): ClientState {
    const services = membership.services();
    const organization = services?.organization ?? null;
    const me = organization?.directory()?.devices.find(({ id }) => id === membership.view().device.id);
    return {
      ...membership.view(),
      owner: me?.ownerName ?? null,
      connection: connectionView(organization),
      virtualPrinter: printer?.view() ?? { uri: null, accepting: false, installation: null },
      printers: printerViews(organization),
      jobs: services?.jobs.list() ?? [],
      approvals: services?.jobs.approvals.list() ?? []
    };
  }

  return {
    ready: { role: 'client', virtualPrinter: printer.uri },
    handlers: {
      ...membership.handlers,
      ...printer.handlers,
      'client.state': async () => state(),
      'client.release': (input) => membership.require().jobs.release(input),
      'client.ticket': (input) => membership.require().jobs.ticket(input),
      'client.cancel': async ({ job }) => {
        await membership.require().jobs.cancel(job);
        return {};
      },
      'client.approve': async ({ id, approved }) => {
        await membership.require().jobs.approvals.answer(id, approved);
        return {};
      }
    }
  };
}

async function startServices(
  context: RoleContext,
  identity: DeviceIdentity,
  onChange: () => void
): Promise<ClientServices> {
  const { dataDir, clock, logger, lifecycle } = context;
  const organization = await joinOrganization(context, identity);
  const transport = createNodeClient({ identity, organization, clock, logger });
  lifecycle.add('mesh connections', () => transport.close());
  const network = watchNetwork(clock);
  lifecycle.add('network changes', network.close);
  const networkChanged = network.on;
  const jobs = await createClientJobs({ dataDir, identity, organization, transport, networkChanged, clock, logger });
  lifecycle.add('jobs', () => jobs.close());
  lifecycle.add('organization events', organization.onChange(onChange));
  lifecycle.add('job events', jobs.onChange(onChange));
  lifecycle.add('approvals', jobs.onChange(askAtOnce(jobs, () => context.events.emit('client.identify', {}))));
  return { organization, jobs };
}

/** Somebody stands at a printer and waits: the window comes to the front with each new question. */
function askAtOnce(jobs: ClientJobs, show: () => void): () => void {
  let asked: readonly string[] = [];
  return () => {
    const now = jobs.approvals.list().map(({ id }) => id);
    if (now.some((id) => !asked.includes(id))) show();
    asked = now;
  };
}
