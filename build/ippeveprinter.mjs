// A real IPPS printer for demo and tests: ippeveprinter of CUPS, with the D-Bus and Avahi that it insists on.
// Node built-ins only. As root these two are private ones on the loopback interface; else those of the system are used.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { startProcess } from './server-process.mjs';

/**
 * @typedef {object} Printer
 * @property {string} uri ipps://localhost:PORT/ipp/print
 * @property {string} spoolDir what was printed stays here, a file for each job
 * @property {string} certificateSha256 of the DER certificate, lower-case hex
 * @property {number} pid
 * @property {() => Promise<void>} close
 */

/**
 * @param {{ name?: string, folder?: string, host?: string, port?: number, slow?: boolean }} [options]
 *   folder: keeps keys and spool; without it they are removed on close. slow: pretends to print, 5 to 15 seconds a job.
 *   host: a name with an IPv4 and an IPv6 address of this machine, where it listens; `localhost` unless told.
 * @returns {Promise<Printer>}
 */
export async function startPrinter(options = {}) {
  const ours = await mkdtemp(join(tmpdir(), 'letterlock-printer-'));
  const keysDir = join(options.folder ?? ours, 'keys');
  const spoolDir = join(options.folder ?? ours, 'spool');
  for (const folder of [keysDir, spoolDir]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const { host = 'localhost', port = await freePort() } = options;
  const formats = 'application/pdf,image/jpeg,image/pwg-raster,image/urf,application/octet-stream';
  const args = ['-n', host, '-p', `${port}`, '-K', keysDir, '-d', spoolDir, '-k', '-s', '10,5', '-2'];
  if (!options.slow) args.push('-c', '/bin/true');
  args.push('-r', 'off', '-f', formats, options.name ?? 'Letterlock test printer');
  /** @type {(() => Promise<unknown>)[]} */
  const undo = [() => rm(ours, { recursive: true, force: true })];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const env = process.getuid?.() === 0 ? await startServiceDiscovery(ours, undo) : {};
    const printer = await startProcess('ippeveprinter', args, null, env);
    undo.push(printer.stop);
    const certificate = await Promise.race([knock(host, port, printer.ended), printer.ended]);
    const certificateSha256 = createHash('sha256').update(certificate).digest('hex');
    return { uri: `ipps://${host}:${port}/ipp/print`, spoolDir, certificateSha256, pid: printer.pid, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * A D-Bus and an Avahi of our own that meet no interface but loopback. Returns the environment that leads to them.
 * @param {string} folder
 * @param {(() => Promise<unknown>)[]} undo
 */
async function startServiceDiscovery(folder, undo) {
  const address = `unix:path=${join(folder, 'bus')}`;
  await writeFile(join(folder, 'bus.conf'), busConfig(address));
  await writeFile(join(folder, 'avahi.conf'), avahiConfig);
  const busArgs = [`--config-file=${join(folder, 'bus.conf')}`, '--nofork', '--print-address=1'];
  const bus = await startProcess('dbus-daemon', busArgs, /^unix:/);
  undo.push(bus.stop);
  const env = { DBUS_SYSTEM_BUS_ADDRESS: address };
  // a /run of its own: Avahi's runtime folder is compiled in, and there may be another Avahi
  const avahiArgs = ['-m', 'sh', '-c', startAvahi, 'avahi', join(folder, 'avahi.conf')];
  const avahi = await startProcess('unshare', avahiArgs, /Server startup complete/, env);
  undo.push(avahi.stop);
  return env;
}

const startAvahi =
  'mount -t tmpfs tmpfs /run && mkdir /run/avahi-daemon && exec avahi-daemon --no-drop-root --no-chroot --no-rlimits -f "$1"';

const avahiConfig = `[server]
use-ipv4=yes
use-ipv6=no
allow-interfaces=lo
host-name=letterlock-test
[publish]
publish-workstation=no
publish-hinfo=no
`;

/** @param {string} address */
const busConfig = (
  address
) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>${address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
`;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * The printer makes its certificate at the first TLS connection. It doesn't say when it is ready, so we knock.
 * @param {string} host
 * @param {number} port
 * @param {Promise<never>} ended
 */
async function knock(host, port, ended) {
  let running = true;
  ended.catch(() => {
    running = false;
  });
  while (running) {
    const socket = connect({ port, host, servername: host, rejectUnauthorized: false });
    try {
      await once(socket, 'secureConnect');
      return socket.getPeerCertificate().raw;
    } catch {
      await delay(20);
    } finally {
      socket.destroy();
    }
  }
  return ended;
}
