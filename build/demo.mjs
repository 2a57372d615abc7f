#!/usr/bin/env node
/**
 * `npm run demo`: the whole system on loopback, each part its own process: coordinator, three nodes, client with its virtual
 * printer, station, printer. Pairs them through the real pairing, adds a user with a PIN, prints a document through the
 * virtual printer, and leaves the windows open.
 *
 *   --headless         no windows: client and station run as plain processes
 *   --json             one line of JSON on standard output when everything is ready (see docs/demo.md)
 *   --data DIR         where everything is kept (default: a new temporary folder, removed at the end)
 *   --without a,b      leave out `client`, `station`, `printer` or `document`
 *
 * Runs until SIGTERM or Ctrl-C, then ends every process that it started.
 */
import { createHash, randomInt, X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startWindow } from './demo-window.mjs';
import { startPrinter } from './ippeveprinter.mjs';
import { cliEntry, createProcesses, letterlock, root, until } from './processes.mjs';
import { samplePdf } from './sample-document.mjs';
import { buildIfChanged, setup, which } from './setup.mjs';

const { values: options } = parseArgs({
  options: {
    headless: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    data: { type: 'string' },
    without: { type: 'string', default: '' },
    database: { type: 'string' }
  }
});
const without = new Set(options.without.split(','));
const say = (line) => console.error(line);

await setup({ log: say });
buildIfChanged({ log: say });

const data = path.resolve(options.data ?? fs.mkdtempSync(path.join(os.tmpdir(), 'letterlock-demo-')));
fs.mkdirSync(data, { recursive: true, mode: 0o700 });
const processes = createProcesses(path.join(data, 'logs'));
let printer;
let stopping;
const stop = () => {
  stopping ??= stopEverything();
  return stopping;
};
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => void stop());
if (process.env.npm_lifecycle_event) stopWithParent();

try {
  const line = await startEverything();
  if (options.json) console.log(JSON.stringify(line));
  else describe(line);
} catch (error) {
  if (!stopping) console.error(error.message);
  process.exitCode = 1;
  await stop();
}

async function startEverything() {
  say('starting the coordinator…');
  const coordinator = await processes.startRole('coordinator', data, [
    'coordinator',
    'run',
    '--organization',
    'Letterlock Demo',
    ...(options.database ? ['--database', options.database] : [])
  ]);
  const admin = (...args) => letterlock(data, ['admin', ...args]);
  const user = await demoUser();

  say('starting and pairing three nodes…');
  const nodes = await Promise.all(
    ['node-1', 'node-2', 'node-3'].map(async (name) => {
      const folder = path.join(data, name);
      const ready = await processes.startRole(name, folder, ['node', 'run']);
      await pair(folder, 'node', name, coordinator, admin);
      const { url, device } = await until(
        folder,
        'node',
        (state) => state.url && state.connection.coordinator === 'online'
      );
      return { id: device.id, url, pid: ready.pid, dataDir: ready.dataDir };
    })
  );

  const print = without.has('printer') ? undefined : await demoPrinter(admin);
  const client = without.has('client')
    ? undefined
    : await startMachine('client', 'Laptop', coordinator, admin, user.name);
  const station = without.has('station') ? undefined : await startMachine('station', 'Station', coordinator, admin);
  if (client) {
    await until(
      data,
      'client',
      (state) => state.owner && state.connection.nodes.filter((node) => node.alive).length === nodes.length
    );
    if (!without.has('document')) await printDocument();
  }
  return {
    virtualPrinter: client?.virtualPrinter,
    coordinator: {
      url: coordinator.url,
      pairingUrl: coordinator.pairingUrl,
      webUrl: coordinator.webUrl,
      pid: coordinator.pid,
      dataDir: coordinator.dataDir,
      adminUser: coordinator.adminUser,
      adminPasswordFile: coordinator.adminPasswordFile
    },
    client: client && { pid: client.pid, dataDir: client.dataDir },
    nodes,
    station: station && { pid: station.pid, dataDir: station.dataDir },
    printer: print,
    users: [user],
    cli: [process.execPath, cliEntry, '--data', data]
  };
}

/** One user with a PIN that is made up once and kept beside the demo's data, so that a second start knows it. */
async function demoUser() {
  const file = path.join(data, 'demo-user.json');
  if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8'));
  const user = { name: 'alice', pin: String(randomInt(1_000_000)).padStart(6, '0') };
  await letterlock(data, ['admin', 'user', 'add', user.name, '--pin', '-'], { input: `${user.pin}\n` });
  fs.writeFileSync(file, JSON.stringify(user), { mode: 0o600 });
  return user;
}

/**
 * A client or a station: a window with its engine, or headless the engine alone. The demo puts no queue into this computer's
 * print system; that of somebody who makes one by hand is let in.
 */
async function startMachine(role, name, coordinator, admin, owner) {
  say(`starting and pairing the ${role}…`);
  const ready = options.headless
    ? await processes.startRole(name, data, [role, 'run', ...(role === 'client' ? ['--admit-print-system'] : [])])
    : await startWindow(processes, role, data);
  await pair(data, role, name, coordinator, admin, owner);
  await until(data, role, (state) => state.connection.coordinator === 'online');
  return ready;
}

/** The real pairing: the machine asks, its code is compared with the one the coordinator shows, the administrator approves. */
async function pair(folder, role, name, coordinator, admin, owner) {
  const state = await letterlock(folder, ['state', '--role', role]);
  if (state.pairing.state === 'paired') return;
  const address = new URL(coordinator.pairingUrl).host;
  await letterlock(folder, ['pair', '--role', role, '--coordinator', address, '--name', name], {
    onLine: async ({ code }) => {
      if (!code) return;
      const request = (await admin('device', 'requests')).find((one) => one.name === name && one.code === code);
      if (!request) throw new Error(`the code of ${name} is not the one that the coordinator shows`);
      await admin('device', 'approve', request.id, '--code', code, ...(owner ? ['--owner', owner] : []));
    }
  });
}

async function demoPrinter(admin) {
  say('starting a printer…');
  const folder = path.join(data, 'printer');
  printer = which('ippeveprinter') ? await startPrinter({ folder }) : await startSink(folder);
  const known = (await admin('printer', 'list')).find((one) => one.status === 'approved' && one.uri === printer.uri);
  const added =
    known ?? (await admin('printer', 'add', 'Demo printer', printer.uri, '--location', 'Beside the station'));
  if (added.certificateSha256 !== printer.certificateSha256)
    throw new Error('the coordinator saw another certificate than the printer has');
  if (!known) await admin('printer', 'approve', added.id, '--certificate', added.certificateSha256);
  return { id: added.id, uri: printer.uri, spoolDir: printer.spoolDir, pid: printer.pid };
}

/** Where no ippeveprinter is installed: an IPPS listener of our own that keeps what it gets. It says what it is. */
async function startSink(folder) {
  say('ippeveprinter is not installed: using a print sink, which is not a printer');
  const spoolDir = path.join(folder, 'spool');
  const args = [path.join(root, 'out', 'main', 'print-sink.js'), '--spool', spoolDir];
  const { uri, pid, certificatePem } = await processes.startReady('print-sink', process.execPath, args);
  const certificateSha256 = createHash('sha256').update(new X509Certificate(certificatePem).raw).digest('hex');
  return { uri, spoolDir, certificateSha256, pid, close: async () => {} };
}

async function printDocument() {
  say('printing a document through the virtual printer…');
  const file = path.join(data, 'welcome.pdf');
  fs.writeFileSync(
    file,
    samplePdf([
      'Letterlock',
      '',
      'This page was sealed on the laptop, waited sealed in the mesh,',
      'and was opened at the printer.'
    ])
  );
  const { id } = await letterlock(data, ['submit', file, '--title', 'Welcome to Letterlock']);
  say(
    `printed and held sealed: ${id} (SHA-256 ${createHash('sha256').update(fs.readFileSync(file)).digest('hex').slice(0, 16)}…)`
  );
  fs.rmSync(file);
}

function describe({ virtualPrinter, printer: device, users: [user], coordinator }) {
  console.log(`
Letterlock is running.
  Virtual printer   ${virtualPrinter ?? '-'}
  Printer           ${device?.uri ?? '-'}  (prints into ${device?.spoolDir ?? '-'})
  Coordinator       ${coordinator.webUrl}
  Release           sign in at the station as "${user.name}" with the PIN ${user.pin}
  Command line      node ${path.relative(process.cwd(), cliEntry)} --data ${data} jobs
Ctrl-C ends everything.`);
}

/** A signal to `npm run demo` ends npm and its shell, which do not pass it on: their end is ours. There is no event for it. */
function stopWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => process.ppid === parent || void stop(), 500);
  timer.unref();
}

async function stopEverything() {
  await processes.stopAll();
  await printer?.close();
  if (!options.data) fs.rmSync(data, { recursive: true, force: true });
}
