import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** The rest of the organization: coordinator, three nodes and a printer, each its own process, as the demo starts them. */
export interface RunningSystem {
  /** host:port of the pairing listener. */
  readonly pairing: string;
  readonly organization: string;
  /** Where browsers find it, and its first administrator. */
  readonly web: { readonly url: string; readonly user: string; readonly password: string };
  readonly user: { readonly name: string; readonly pin: string };
  readonly printer: { readonly name: string; readonly spoolDir: string };
  readonly nodes: number;
  /** Runs the command line as its administrator and gives its JSON. */
  letterlock(...args: string[]): Promise<unknown>;
  /** Starts another machine that asks to join. */
  join(dataDir: string, role: 'node' | 'client', name: string): Promise<JoiningMachine>;
  stop(): Promise<void>;
}

export interface JoiningMachine {
  /** The six digits that it shows. */
  readonly code: string;
  /** Resolves once it was approved. */
  readonly paired: Promise<void>;
  stop(): Promise<void>;
}

/** Its one line of JSON; the rest of it is in docs. */
interface DemoLine {
  coordinator: { pairingUrl: string; webUrl: string; adminUser: string; adminPasswordFile: string };
  nodes: unknown[];
  printer: { id: string; spoolDir: string };
  users: [{ name: string; pin: string }];
  cli: [string, ...string[]];
}

export async function startSystem(dataDir: string): Promise<RunningSystem> {
  const args = ['build/demo.mjs', '--headless', '--json', '--data', dataDir, '--without', 'client,station'];
  const demo = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  demo.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const ended = once(demo, 'exit');
  const line = await Promise.race([
    once(createInterface({ input: demo.stdout }), 'line').then(([text]) => JSON.parse(String(text)) as DemoLine),
    ended.then(([code]) => Promise.reject(new Error(`the demo ended with ${code} before it was ready:\n${complaints}`)))
  ]);

  const [command, ...prefix] = line.cli;
  const letterlock = async (...more: string[]): Promise<unknown> => {
    const { stdout } = await promisify(execFile)(command, [...prefix, ...more, '--json']);
    return JSON.parse(stdout);
  };
  const printers = (await letterlock('admin', 'printer', 'list')) as { id: string; name: string }[];
  return {
    pairing: new URL(line.coordinator.pairingUrl).host,
    organization: 'Letterlock Demo',
    web: {
      url: line.coordinator.webUrl,
      user: line.coordinator.adminUser,
      password: readFileSync(line.coordinator.adminPasswordFile, 'utf8').trim()
    },
    user: line.users[0],
    printer: {
      name: printers.find(({ id }) => id === line.printer.id)?.name ?? '',
      spoolDir: line.printer.spoolDir
    },
    nodes: line.nodes.length,
    letterlock,
    join: (dataDir, role, name) =>
      joinSystem([command, ...prefix.slice(0, -1), dataDir], role, name, new URL(line.coordinator.pairingUrl).host),
    async stop() {
      demo.kill('SIGTERM');
      await ended;
    }
  };
}

async function joinSystem(
  cli: readonly string[],
  role: string,
  name: string,
  coordinator: string
): Promise<JoiningMachine> {
  const [command = '', ...prefix] = cli;
  // Each ends when our end of its standard input closes, whatever ends us.
  const start = (...args: string[]) => spawn(command, [...prefix, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const machine = start(role, 'run', '--exit-with-parent', '--name', name);
  await once(createInterface({ input: machine.stdout }), 'line');
  const pairing = start('pair', '--role', role, '--coordinator', coordinator, '--name', name, '--json');
  const paired = once(pairing, 'exit').then(([code]) => {
    if (code !== 0) throw new Error(`${name} was not paired`);
  });
  paired.catch(() => {});
  const code = new Promise<string>((resolve) => {
    createInterface({ input: pairing.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as { code?: string };
      if (line.code) resolve(line.code);
    });
  });
  return {
    code: await code,
    paired,
    async stop() {
      const ended = once(machine, 'exit');
      machine.kill('SIGTERM');
      await ended;
    }
  };
}

/** What an administrator does who stands before both screens: finds the request, compares the codes, approves it. */
export async function approvePairing(
  { letterlock }: RunningSystem,
  name: string,
  code: string,
  ...more: string[]
): Promise<void> {
  const requests = (await letterlock('admin', 'device', 'requests')) as { id: string; name: string; code: string }[];
  const request = requests.find((one) => one.name === name);
  if (request?.code !== code) throw new Error(`${name} shows ${code}, the coordinator ${request?.code ?? 'nothing'}`);
  await letterlock('admin', 'device', 'approve', request.id, '--code', code, ...more);
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** SHA-256 of every file that came out of the printer. */
export const printedDigests = (spoolDir: string): string[] =>
  readdirSync(spoolDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => sha256(readFileSync(join(entry.parentPath, entry.name))));
