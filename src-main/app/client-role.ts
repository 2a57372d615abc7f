import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { ClientState } from '../../src-preload/contract/index.ts';
import { readJson, writeJsonAtomic } from '../base/atomic-file.ts';
import { asLetterlockError } from '../base/errors.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { type PrinterServer, startPrinterServer } from '../ipp/printer-server.ts';
import { type ClientJobs, createClientJobs } from '../jobs/client-jobs.ts';
import { createNodeClient } from '../mesh/node-client.ts';
import { connectOrganization, type Organization } from '../organization/organization.ts';
import { coalesce } from './events.ts';
import { openMembership } from './membership.ts';
import { createPrintIntake } from './print-intake.ts';
import type { RoleContext, RunningRole } from './role.ts';
import { connectionView, printerViews } from './views.ts';

interface ClientServices {
  readonly organization: Organization;
  readonly jobs: ClientJobs;
}

/** An employee's laptop: virtual printer, sealing, outbox, queue, release. */
export async function startClient(
  context: RoleContext & { readonly printerPort?: number | undefined }
): Promise<RunningRole> {
  const { dataDir, clock, logger, lifecycle, events } = context;
  /** Null while it starts; events may come before that. */
  let server: PrinterServer | null = null;
  const changed = coalesce(() => events.emit('client.state', state()), 100);
  lifecycle.add('state events', changed.cancel);

  const membership = await openMembership<ClientServices>({
    ...context,
    roles: ['client'],
    onChange: changed.request,
    start: (identity) => startServices(context, identity, changed.request)
  });
  const intake = createPrintIntake(() => membership.services()?.jobs ?? null);
  const printer = await openPrinter(dataDir, context.printerPort);
  server = await startPrinterServer({
    port: printer.port,
    host: '127.0.0.1',
    uuid: printer.uuid,
    name: 'Letterlock',
    intake,
    logger,
    clock
  });
  lifecycle.add('virtual printer', server.close);
  await writeJsonAtomic(printerFile(dataDir), { uuid: printer.uuid, port: server.port });

  function state(): ClientState {
    const services = membership.services();
    const organization = services?.organization ?? null;
    const refusal = intake.refusal();
    const me = organization?.directory()?.devices.find(({ id }) => id === membership.view().device.id);
    return {
      ...membership.view(),
      owner: me?.ownerName ?? null,
      connection: connectionView(organization),
      virtualPrinter: {
        uri: server?.uri ?? null,
        accepting: !refusal,
        ...(refusal ? { failure: { code: refusal.code, message: refusal.message } } : {})
      },
      printers: printerViews(organization),
      jobs: services?.jobs.list() ?? []
    };
  }

  return {
    ready: { role: 'client', virtualPrinter: server.uri },
    handlers: {
      ...membership.handlers,
      'client.state': async () => state(),
      'client.release': (input) => membership.require().jobs.release(input),
      'client.cancel': async ({ job }) => {
        await membership.require().jobs.cancel(job);
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
  const organization = await connectOrganization({ identity, dataDir, clock, logger });
  lifecycle.add('coordinator connection', () => organization.close());
  const transport = createNodeClient({ identity, organization, clock, logger });
  lifecycle.add('mesh connections', () => transport.close());
  const jobs = await createClientJobs({ dataDir, identity, organization, transport, clock, logger });
  lifecycle.add('jobs', () => jobs.close());
  lifecycle.add('organization events', organization.onChange(onChange));
  lifecycle.add('job events', jobs.onChange(onChange));
  return { organization, jobs };
}

const PrinterFile = z.object({ uuid: z.uuid(), port: z.number().int().min(1).max(65535) });
const printerFile = (dataDir: string) => join(dataDir, 'printer.json');

/** UUID and port of the virtual printer stay the same for good: operating systems know it by them. */
async function openPrinter(dataDir: string, wanted: number | undefined): Promise<{ uuid: string; port: number }> {
  const known = await readJson(printerFile(dataDir), PrinterFile).catch((error) => {
    throw asLetterlockError(error, 'storage-damaged');
  });
  return { uuid: known?.uuid ?? randomUUID(), port: wanted ?? known?.port ?? 0 };
}
