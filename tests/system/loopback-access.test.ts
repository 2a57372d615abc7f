import { execFile, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { installedRuntime } from '../../build/electron-runtime.mjs';
import { type Clock, systemClock } from '../../src-main/base/clock.ts';
import { silentLogger } from '../../src-main/base/logger.ts';
import { openLoopbackCertificate } from '../../src-main/identity/loopback-certificate.ts';
import { plainSecrets } from '../../src-main/identity/safe-secret.ts';
import type { TlsCredentials } from '../../src-main/ipp/accept-tls.ts';
import { loopbackAccess } from '../../src-main/ipp/loopback-access.ts';
import { startCupsd } from '../support/cups.ts';
import { needs } from '../support/needs.ts';
import { pdfDocument } from '../support/pdf.ts';
import { startTestPrinter, type TestPrinter } from '../support/test-printer.ts';

/** Whoever else is on this machine tries to print as this user: programs of another user, and web pages. */
const run = promisify(execFile);
const credentials = { user: 'letterlock', password: 'OnlyThisInstallationKnows' };
const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

let folder: string;
let tls: TlsCredentials;
let printer: TestPrinter;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterlock-access-'));
  await chmod(folder, 0o777);
  tls = await certificate();
  await writeFile(join(folder, 'document.pdf'), pdfDocument());
  for (const [name, test] of Object.entries(tests)) await writeFile(join(folder, name), test);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => printer?.close());

const certificate = () =>
  openLoopbackCertificate({ dataDir: folder, secrets: plainSecrets, clock: systemClock, logger: silentLogger });

/** `ownUid`: whose processes need no credentials; by default those of whoever runs this. */
const start = async (options: { ownUid?: number; port?: number } = {}) => {
  // those who guess wait a hundredth of their time: they do here what takes them hours
  const clock: Clock = { ...systemClock, after: (ms, run) => systemClock.after(ms / 100, run) };
  const access = loopbackAccess({ credentials, clock, logger: silentLogger, ownUid: options.ownUid });
  printer = await startTestPrinter({ tls, access, port: options.port ?? 0 });
};

describe.runIf(needs('root', 'ipptool', 'setpriv'))('another user of the machine', () => {
  /** How many of ipptool's requests were answered as they should, and how many were not let in. */
  async function ask(as: readonly string[], uri: string, test: string) {
    const [command = '', ...args] = [...as, 'ipptool', '-tI', '-f', 'document.pdf', uri, test];
    const env = { PATH: process.env.PATH ?? '', HOME: folder, LC_ALL: 'C' };
    const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
    const output = await text(child.stdout);
    const count = (pattern: RegExp) => output.match(pattern)?.length ?? 0;
    return { passed: count(/\[PASS\]/g), failed: count(/\[FAIL\]/g), output };
  }
  const uri = (scheme: string, userinfo = '') => `${scheme}://${userinfo}localhost:${printer.port}/ipp/print`;
  const right = `${credentials.user}:${credentials.password}@`;

  it('can ask for the printer, and do nothing else, with no or wrong credentials', async () => {
    await start();
    await printer.intake.begin({ name: 'a job to see', userName: 'root', attributes: [], held: false });
    const before = printer.jobs.length;
    for (const scheme of ['ipp', 'ipps']) {
      expect((await ask(nobody, uri(scheme), 'Get-Printer-Attributes.test')).passed).toBe(1);
      for (const who of ['', `${credentials.user}:wrong@`, `root:${credentials.password}@`]) {
        const { passed, failed, output } = await ask(nobody, uri(scheme, who), 'guarded.test');
        expect({ passed, failed }, `${scheme} ${who} ${output}`).toEqual({ passed: 0, failed: 4 });
      }
    }
    expect(printer.jobs).toHaveLength(before);
    expect(printer.jobs[0]?.state).toBe('pending');
  });

  it('prints with the right credentials over TLS, also when it began in the clear', async () => {
    await start();
    for (const scheme of ['ipps', 'ipp']) {
      expect((await ask(nobody, uri(scheme, right), 'Print-Job.test')).passed).toBe(1);
    }
    expect(printer.jobs).toHaveLength(2);
  });

  it('is not this user by leaving before it is looked for', async () => {
    await start();
    await writeFile(join(folder, 'hit-and-run.cjs'), hitAndRun);
    const [command = '', ...args] = [
      ...nobody,
      process.execPath,
      join(folder, 'hit-and-run.cjs'),
      String(printer.port)
    ];
    const { stdout } = await run(command, args, { cwd: '/' });
    expect(stdout).toBe('sent 300\n');
    await printer.close();
    expect(printer.jobs).toHaveLength(0);
  });
});

describe.runIf(needs('ipptool') && process.platform === 'linux')('the same user', () => {
  it('prints without credentials: in the clear, over TLS, and over HTTP Upgrade', async () => {
    await start();
    for (const [scheme, ...options] of [['ipp'], ['ipps'], ['ipp', '-E']]) {
      const target = `${scheme}://localhost:${printer.port}/ipp/print`;
      const args = ['-t', ...options, '-f', 'document.pdf', target, 'Print-Job.test'];
      const { stdout } = await run('ipptool', args, { cwd: folder, env: { ...process.env, HOME: folder } });
      expect(stdout).toContain('[PASS]');
    }
    expect(printer.jobs).toHaveLength(3);
  });
});

describe.runIf(needs('root', 'cupsd', 'lp'))('a CUPS queue', () => {
  it('prints with the credentials in its device URI, before and after the certificate is renewed', async () => {
    const cups = await startCupsd();
    try {
      await start({ ownUid: 4711 });
      const { port } = printer;
      const device = `ipps://${credentials.user}:${credentials.password}@127.0.0.1:${port}/ipp/print`;
      await cups.client('lpadmin', '-p', 'Letterlock', '-E', '-v', device, '-m', 'everywhere');
      for (const job of [1, 2]) {
        const finished = printer.finished();
        await cups.client('lp', '-d', 'Letterlock', join(folder, 'document.pdf'));
        const [{ state }] = await Promise.all([finished, cups.completed(job)]);
        expect(state).toBe('completed');
        await printer.close();
        await rm(join(folder, 'loopback', 'certificate.pem'));
        tls = await certificate();
        await start({ ownUid: 4711, port });
      }
    } finally {
      await cups.close();
    }
  });
});

describe.runIf(needs('openssl'))('the certificate', () => {
  it.each(['-tls1_2', '-tls1_3'])('convinces openssl s_client %s', async (version) => {
    await start();
    await writeFile(join(folder, 'ca.pem'), tls.cert);
    const to = ['-connect', `localhost:${printer.port}`, '-verify_hostname', 'localhost', '-CAfile', 'ca.pem'];
    const child = spawn('openssl', ['s_client', version, '-verify_return_error', ...to], { cwd: folder });
    child.stdin.end('Q\n');
    expect(await text(child.stdout)).toContain('Verify return code: 0 (ok)');
  });

  it.each(['-tls1', '-tls1_1'])('is shown to nobody who offers %s only', async (version) => {
    await start();
    const to = ['-connect', `localhost:${printer.port}`, '-cipher', 'ALL:@SECLEVEL=0'];
    const child = spawn('openssl', ['s_client', version, ...to], { cwd: folder });
    child.stdin.end('Q\n');
    expect(await text(child.stdout)).toContain('no peer certificate available');
  });
});

describe.runIf(needs('Xvfb', 'xvfb-run'))('a web page', () => {
  it('prints nothing, whatever it tries, and sees nothing', async () => {
    await start();
    const posts: Buffer[] = [];
    const naive = createServer(async (request, response) => {
      const body = await buffer(request);
      if (request.method === 'POST') posts.push(body);
      response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*' }).end();
    });
    const pages = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>A game</title><body>');
    });
    const [naivePort, pagePort] = await Promise.all(
      [naive, pages].map(async (server) => {
        await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
        return (server.address() as AddressInfo).port;
      })
    );
    const urls = [
      `http://games.example:${pagePort}/`,
      `http://rebound.example:${printer.port}/`,
      `http://127.0.0.1:${printer.port}/`,
      `http://127.0.0.1:${naivePort}/`
    ];
    const electron = installedRuntime()?.executable ?? '';
    const main = resolve(import.meta.dirname, '../support/hostile-page/main.cjs');
    const display = process.env.DISPLAY ? [] : ['xvfb-run', '-a'];
    const [command = '', ...args] = [...display, electron, '--no-sandbox', '--disable-gpu', main, ...urls];
    const { stdout } = await run(command, args, { timeout: 60_000, cwd: folder });
    naive.close();
    pages.close();
    const [acrossOrigins, , fromItsOwnOrigin] = JSON.parse(/^SEEN (.*)$/m.exec(stdout)?.[1] ?? '[]');

    const jobs = posts.filter((body) => body.includes('from a page'));
    expect(jobs.length).toBeGreaterThanOrEqual(10); // the same attempts do send jobs to a server that takes them
    expect(printer.jobs).toEqual([]);
    for (const [way, seen] of Object.entries(acrossOrigins)) {
      expect(seen, way).toMatch(/^(refused|sent$|opaque)/);
    }
    expect(fromItsOwnOrigin).toEqual({ 'job in the same origin': 'basic 403', 'page in the same origin': 'basic 403' });
  });
});

/**
 * Sends Print-Job or Create-Job and is gone, in several ways: the kernel then calls what is left of its socket root's. From many
 * addresses of the machine.
 */
const hitAndRun = `
const net = require('node:net');
const attribute = (tag, name, value) =>
  Buffer.concat([Buffer.from([tag, 0, name.length]), Buffer.from(name), Buffer.from([0, value.length]), Buffer.from(value)]);
const request = (operation, document) => {
  const body = Buffer.concat([
    Buffer.from([2, 0, 0, operation, 0, 0, 0, 1, 1]),
    attribute(0x47, 'attributes-charset', 'utf-8'),
    attribute(0x48, 'attributes-natural-language', 'en'),
    attribute(0x45, 'printer-uri', 'ipp://localhost/ipp/print'),
    Buffer.from([3]),
    Buffer.from(document)
  ]);
  const head = ['POST /ipp/print HTTP/1.1', 'Host: localhost', 'Content-Type: application/ipp', 'Content-Length: ' + body.length];
  return Buffer.concat([Buffer.from(head.join('\\r\\n') + '\\r\\n\\r\\n'), body]);
};
const requests = [request(2, '%PDF-1.4'.padEnd(3000)), request(5, '')];
const leave = [(socket) => socket.destroy(), (socket) => socket.resetAndDestroy(), (socket) => socket.end(() => socket.destroy())];
const attack = (n) =>
  new Promise((resolve) => {
    const socket = net.connect({ port: Number(process.argv[2]), host: '127.0.0.1', localAddress: '127.0.0.' + (1 + (n % 200)) });
    socket.on('error', () => undefined).on('close', resolve);
    socket.write(requests[n % 2], () => leave[n % 3](socket));
  });
(async () => {
  for (let n = 0; n < 300; n++) await attack(n);
  console.log('sent 300');
})();
`;

const operation = (name: string, ...attributes: string[]) => `{
  NAME "${name}"
  OPERATION ${name}
  GROUP operation-attributes-tag
  ATTR charset attributes-charset utf-8
  ATTR language attributes-natural-language en
  ATTR uri printer-uri $uri
  ${attributes.join('\n  ')}
  STATUS successful-ok
}
`;
const asUser = 'ATTR name requesting-user-name root';
const printJob = operation('Print-Job', asUser, 'ATTR mimeMediaType document-format application/pdf', 'FILE $filename');
const tests = {
  'Get-Printer-Attributes.test': operation('Get-Printer-Attributes'),
  'Print-Job.test': printJob,
  'guarded.test': [
    printJob,
    operation('Create-Job', asUser),
    operation('Get-Jobs', asUser),
    operation('Cancel-Job', 'ATTR integer job-id 1', asUser)
  ].join('')
};
