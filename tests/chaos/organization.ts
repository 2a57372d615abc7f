import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Host } from './hosts.ts';
import { createMachine, type Machine } from './machine.ts';
import { type ChaosPrinter, createPrinter } from './printer.ts';

const exec = promisify(execFile);

/** A whole organization, each part on a computer of its own, really paired. */
export interface Organization {
  readonly folder: string;
  readonly coordinator: Machine<'coordinator'>;
  readonly client: Machine<'client'>;
  readonly station: Machine<'station'>;
  readonly nodes: readonly Machine<'node'>[];
  readonly printer: ChaosPrinter;
  readonly printerId: string;
  readonly virtualPrinter: string;
  readonly user: { readonly name: string; readonly pin: string };
  /** Everybody that is a process of Letterlock. */
  readonly machines: readonly Machine[];
  /** Those whose disk is a small one that can be filled. */
  readonly small: readonly Machine[];
  /** Starts what is not running; resolves when all of it is connected. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

export interface Office {
  readonly coordinator: Host;
  readonly client: Host;
  readonly station: Host;
  readonly printer: Host;
  readonly nodes: readonly Host[];
}

const user = { name: 'alice', pin: '493817' };
const smallDisk = '256m';
/** Patience for a busy computer. */
const pairingSeconds = 240;
const settleSeconds = 120;

export async function openOffice(open: (name: string) => Promise<Host>, nodes: number): Promise<Office> {
  const named = async (name: string) => open(name);
  const office = {
    coordinator: await named('coordinator'),
    client: await named('client'),
    station: await named('station'),
    printer: await named('printer')
  };
  const hosts: Host[] = [];
  for (let index = 1; index <= nodes; index += 1) hosts.push(await named(`node-${index}`));
  return { ...office, nodes: hosts };
}

/** `jumps`: clocks can jump, where this computer has what that takes. */
export async function startOrganization(office: Office, folder: string, { jumps = true } = {}): Promise<Organization> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const mounts: string[] = [];
  const small: Machine[] = [];
  async function limited<M extends Machine>(machine: M): Promise<M> {
    await mkdir(machine.data, { recursive: true });
    await exec('mount', ['-t', 'tmpfs', '-o', `size=${smallDisk},mode=0700`, 'tmpfs', machine.data]);
    mounts.push(machine.data);
    small.push(machine);
    return machine;
  }
  const at = (host: Host) => ({ name: host.name, host, folder: join(folder, host.name), jumps });
  const listening = (host: Host) => ['--host', host.address];
  const coordinator = await limited(
    createMachine({ ...at(office.coordinator), role: 'coordinator', args: listening(office.coordinator) })
  );
  const client = await limited(createMachine({ ...at(office.client), role: 'client' }));
  const station = createMachine({ ...at(office.station), role: 'station', args: ['--idle-seconds', '600'] });
  const nodes = office.nodes.map((host) => createMachine({ ...at(host), role: 'node', args: listening(host) }));
  for (const node of nodes.slice(-2)) await limited(node);
  const machines: Machine[] = [coordinator, client, station, ...nodes];

  const ready = await coordinator.start();
  await coordinator.call('admin.user.add', user);
  const pairing = new URL(String(ready.pairingUrl)).host;
  const [print] = await Promise.all([
    createPrinter(office.printer, join(folder, 'printer')),
    ...[client, station, ...nodes].map((machine) => machine.start())
  ]);
  for (const machine of [client, station, ...nodes]) await pair(machine, pairing, coordinator);
  const printerId = await addPrinter(coordinator, print);

  async function settle() {
    for (const machine of machines) {
      const death = machine.died();
      if (death !== null) throw new Error(death);
    }
    for (const machine of machines) if (!machine.running()) await machine.start();
    const awake = (ids: readonly { alive: boolean }[]) => ids.filter(({ alive }) => alive).length;
    await Promise.all([
      client.until(
        'connected',
        ({ connection, owner }) =>
          owner !== null && connection.coordinator === 'online' && awake(connection.nodes) === nodes.length,
        settleSeconds
      ),
      station.until('connected', ({ connection }) => connection.coordinator === 'online', settleSeconds),
      ...nodes.map((node) =>
        node.until(
          'connected',
          ({ connection, members }) =>
            connection.coordinator === 'online' &&
            members.filter(({ state }) => state === 'alive').length === nodes.length - 1,
          settleSeconds
        )
      )
    ]);
  }
  async function stop() {
    for (const machine of [...machines].reverse()) await machine.kill();
    await print.kill();
    for (const mount of mounts) await exec('umount', ['-l', mount]);
    await rm(folder, { recursive: true, force: true });
  }
  await settle();
  const virtualPrinter = client.latest()?.virtualPrinter.uri ?? '';
  return {
    folder,
    coordinator,
    client,
    station,
    nodes,
    printer: print,
    printerId,
    virtualPrinter,
    user,
    machines,
    small,
    settle,
    stop
  };
}

/** The real pairing: the machine asks, its code is compared with the one that the coordinator shows. */
async function pair(
  machine: Machine<'client'> | Machine<'station'> | Machine<'node'>,
  address: string,
  coordinator: Machine<'coordinator'>
): Promise<void> {
  const { name, role } = machine as Machine<'client'>;
  await machine.call('pairing.begin', { coordinator: address, name });
  const { pairing } = await (machine as Machine<'client'>).until(
    'waiting for approval',
    (state) => state.pairing.state === 'pairing' && state.pairing.code !== null,
    pairingSeconds
  );
  const code = pairing.state === 'pairing' ? pairing.code : null;
  const request = (await coordinator.call('admin.pairing.list', {})).find((one) => one.name === name);
  if (!request || request.code !== code) throw new Error(`${name} shows another code than the coordinator`);
  const owner = (role as string) === 'client' ? { owner: user.name } : {};
  await coordinator.call('admin.pairing.approve', { id: request.id, code: request.code, ...owner });
  await (machine as Machine<'client'>).until('paired', (state) => state.pairing.state === 'paired', pairingSeconds);
}

async function addPrinter(coordinator: Machine<'coordinator'>, printer: ChaosPrinter): Promise<string> {
  const { id, certificateSha256 } = await coordinator.call('admin.printer.add', {
    name: 'Printer',
    uri: printer.uri,
    location: 'Beside the station'
  });
  if (certificateSha256 !== printer.certificateSha256) throw new Error('the coordinator saw another certificate');
  await coordinator.call('admin.printer.approve', { id, certificateSha256, grade: 'ipps-required' });
  return id;
}
