import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, run, startDemo } from '../support/demo.ts';
import { printedFiles } from '../support/documents.ts';

/** Whatever comes in is refused with a clear code; nothing is lost and no process dies. */
let demo: Demo;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterlock-hostile-'));
  demo = await startDemo(['--without', 'document']);
});
afterAll(async () => {
  await demo?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('machines that do not belong', () => {
  const listeners = () => [demo.line.coordinator.url, ...demo.line.nodes.map(({ url }) => url)];

  it('no certificate: refused by every listener between machines', async () => {
    for (const url of listeners()) expect(await sClient(url, [])).not.toMatch(/HTTP\/1\.1 200/);
  });

  it('a certificate of another organization: refused', async () => {
    const [key, cert] = [join(folder, 'other.key'), join(folder, 'other.pem')];
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '1',
      '-subj',
      '/CN=evil'
    ]);
    for (const url of listeners())
      expect(await sClient(url, ['-cert', cert, '-key', key])).not.toMatch(/HTTP\/1\.1 200/);
  });

  it('TLS 1.2: refused by every listener', async () => {
    for (const url of [...listeners(), demo.line.coordinator.webUrl, demo.line.coordinator.pairingUrl]) {
      const { host } = new URL(url);
      const tried = await run('openssl', ['s_client', '-connect', host, '-tls1_2'], '');
      expect(tried.stdout + tried.stderr, host).toMatch(/alert protocol version|wrong version|no protocols/i);
    }
  });

  it('the administrator listener: no session, no answer; a wrong password is refused', async () => {
    const rpc = await post(`${demo.line.coordinator.webUrl}/api/rpc/admin.user.list`, {});
    expect(rpc.status).toBeGreaterThanOrEqual(401);
    const signIn = await post(`${demo.line.coordinator.webUrl}/api/rpc/session.sign-in`, {
      name: demo.line.coordinator.adminUser,
      password: 'guess'
    });
    expect(signIn.status).toBe(401);
  });
});

describe('hostile printing programs', () => {
  const port = () => Number(new URL(demo.line.virtualPrinter.replace(/^ipp/, 'http')).port);
  const head = (rest: string) =>
    `POST /ipp/print HTTP/1.1\r\nHost: localhost:${port()}\r\nContent-Type: application/ipp\r\n${rest}\r\n\r\n`;

  it.each([
    ['the 18-byte request with a value length of 0x8000', Buffer.from('0101000b0000000101470012617474728000', 'hex')],
    ['a name length beyond the message', Buffer.from('0200000b00000001014700ff61', 'hex')],
    ['nothing but a version', Buffer.from('0200', 'hex')],
    ['noise', randomBytes(4096)]
  ])('%s gets a proper refusal', async (_name, body) => {
    const answer = await raw(port(), Buffer.concat([Buffer.from(head(`Content-Length: ${body.length}`)), body]));
    // Either HTTP says no, or IPP does: client-error-… (0x04xx) or server-error-version-not-supported (0x0503).
    const status = /^HTTP\/1\.1 (\d+)/.exec(answer.toString('latin1'))?.[1];
    if (status === '200') expect(answer.subarray(answer.indexOf('\r\n\r\n') + 6)[0]).toBeGreaterThanOrEqual(4);
    else expect(Number(status)).toBeGreaterThanOrEqual(400);
  });

  it('attributes without end are refused, not collected', async () => {
    const start = Buffer.from('0200000b0000000101', 'hex');
    const attribute = Buffer.concat([Buffer.from([0x44, 0, 1, 0x61, 0x7f, 0xff]), Buffer.alloc(0x7fff, 0x62)]);
    const body = Buffer.concat([start, ...Array.from({ length: 100 }, () => attribute)]);
    const answer = await raw(port(), Buffer.concat([Buffer.from(head(`Content-Length: ${body.length}`)), body]));
    expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 (200|413)/);
    if (answer.includes('HTTP/1.1 200')) expect(answer.subarray(answer.indexOf('\r\n\r\n') + 6)[0]).toBe(4);
  });

  it('a web page (Origin) and a rebound name (Host) are refused', async () => {
    const body = Buffer.from('0200000b0000000103', 'hex');
    const withOrigin = await raw(
      port(),
      Buffer.concat([Buffer.from(head(`Origin: https://evil.example\r\nContent-Length: ${body.length}`)), body])
    );
    expect(withOrigin.toString('latin1')).toMatch(/^HTTP\/1\.1 403/);
    const rebound = Buffer.from(
      `POST /ipp/print HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/ipp\r\nContent-Length: 9\r\n\r\n`
    );
    expect((await raw(port(), Buffer.concat([rebound, body]))).toString('latin1')).toMatch(/^HTTP\/1\.1 4\d\d/);
  });

  it('an upload that breaks off leaves no job behind, and the printer goes on', async () => {
    const before = (await demo.jobs()).filter(({ state }) => state === 'held').length;
    const start = await printJobStart();
    const broken = connect(port(), '127.0.0.1');
    await new Promise((done) => broken.once('connect', done));
    broken.write(
      Buffer.concat([Buffer.from(head(`Content-Length: ${start.length + 5_000_000}`)), start, randomBytes(1_000_000)])
    );
    await demo.untilState<{ jobs: { state: string }[] }>('client', ({ jobs }) =>
      jobs.some(({ state }) => state === 'sealing')
    );
    broken.destroy();
    await demo.untilState<{ jobs: { state: string }[] }>(
      'client',
      ({ jobs }) => !jobs.some(({ state }) => state === 'sealing')
    );
    expect((await demo.jobs()).filter(({ state }) => state === 'held')).toHaveLength(before);
    for (const node of demo.line.nodes)
      await demo.untilState<{ replicas: number }>(
        'node',
        ({ replicas }) => replicas === before,
        join(node.dataDir, '..')
      );
    await submit(randomBytes(1000));
  });
});

describe('releases that must not happen', () => {
  it('to a printer that is not approved', async () => {
    const job = await submit(randomBytes(2000));
    const added = await demo.json<{ id: string; status: string }>([
      'admin',
      'printer',
      'add',
      'Second',
      demo.line.printer.uri
    ]);
    expect(added.status).toBe('pending');
    const refused = await release(job, added.id);
    expect(refused.stderr).toContain('printer-not-approved');
    expect(refused.code).toBe(3);
  });

  it('of a job of somebody else', async () => {
    await demo.json(['admin', 'user', 'add', 'mallory', '--pin', '-'], { input: '424242\n' });
    const job = await submit(randomBytes(2000));
    const refused = await demo.cli(
      ['release', job, '--printer', demo.line.printer.id, '--user', 'mallory', '--pin', '-'],
      { input: '424242\n' }
    );
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/not-found|not-allowed/);
  });

  it('after a wrong certificate was approved by nobody: an approval needs the fingerprint that was seen', async () => {
    const added = await demo.json<{ id: string }>(['admin', 'printer', 'add', 'Third', demo.line.printer.uri]);
    const refused = await demo.cli(['admin', 'printer', 'approve', added.id, '--certificate', '0'.repeat(64)]);
    expect(refused.code).not.toBe(0);
  });

  it('of a job whose release key was destroyed: never again', async () => {
    const job = await submit(randomBytes(2000));
    await demo.json(['admin', 'key', 'rotate']);
    await demo.json(['admin', 'key', 'destroy', '1']);
    const refused = await release(job, demo.line.printer.id);
    expect(refused.stderr).toContain('key-destroyed');
  });

  it('guesses are locked out', async () => {
    const job = await submit(randomBytes(2000));
    const guess = () =>
      demo.cli(['release', job, '--printer', demo.line.printer.id, '--user', 'alice', '--pin', '-'], {
        input: '000000\n'
      });
    const codes = [];
    for (let tries = 0; tries < 6; tries++) codes.push(/letterlock: ([a-z-]+)/.exec((await guess()).stderr)?.[1]);
    expect(codes.slice(0, 4)).toEqual(['pin-wrong', 'pin-wrong', 'pin-wrong', 'pin-wrong']);
    expect(codes.at(-1)).toBe('pin-locked');
    expect((await release(job, demo.line.printer.id)).stderr).toContain('pin-locked'); // the right PIN too
  });

  it('nothing of all that was printed, everybody is alive, the log is intact', async () => {
    expect(await printedFiles(demo.line.printer.spoolDir)).toEqual([]);
    for (const pid of [
      demo.line.coordinator.pid,
      demo.line.client.pid,
      demo.line.station.pid,
      ...demo.line.nodes.map(({ pid }) => pid)
    ])
      process.kill(pid, 0);
    expect((await demo.json<{ intact: boolean }>(['admin', 'audit', 'verify'])).intact).toBe(true);
  });
});

/** What `openssl s_client` sees after asking for something. */
async function sClient(url: string, args: readonly string[]): Promise<string> {
  const { host } = new URL(url);
  const tried = await run(
    'openssl',
    ['s_client', '-connect', host, '-quiet', '-no_ign_eof', ...args],
    `GET /v1/events HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
  );
  return tried.stdout + tried.stderr;
}

function post(url: string, body: unknown): Promise<{ status: number }> {
  return new Promise((done, fail) => {
    httpsRequest(
      url,
      { method: 'POST', rejectUnauthorized: false, headers: { 'content-type': 'application/json' } },
      (response) => {
        response.resume().once('end', () => done({ status: response.statusCode ?? 0 }));
      }
    )
      .once('error', fail)
      .end(JSON.stringify(body));
  });
}

/** Sends bytes, gives what comes back until the other side closes or has answered. */
function raw(port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const finish = () => done(Buffer.concat(chunks));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const text = Buffer.concat(chunks);
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text.toString('latin1'))?.[1] ?? Number.NaN);
      if (end >= 0 && text.length >= end + 4 + length) socket.destroy();
    });
    socket.once('close', finish).once('error', (error) => (chunks.length ? finish() : fail(error)));
  });
}

/** The attributes of a Print-Job, as a program sends them before its document. */
async function printJobStart(): Promise<Buffer> {
  const text = (tag: number, name: string, value: string) =>
    Buffer.concat([
      Buffer.from([tag, 0, name.length]),
      Buffer.from(name),
      Buffer.from([0, value.length]),
      Buffer.from(value)
    ]);
  return Buffer.concat([
    Buffer.from('02000002000000010100'.slice(0, 18), 'hex'),
    text(0x47, 'attributes-charset', 'utf-8'),
    text(0x48, 'attributes-natural-language', 'en'),
    text(0x45, 'printer-uri', demo.line.virtualPrinter),
    text(0x42, 'requesting-user-name', 'somebody'),
    text(0x49, 'document-format', 'application/pdf'),
    Buffer.from([3])
  ]);
}

async function submit(document: Uint8Array): Promise<string> {
  const file = join(folder, 'document.bin');
  await writeFile(file, document);
  return (await demo.json<{ id: string }>(['submit', file, '--format', 'application/pdf'])).id;
}

function release(job: string, printer: string) {
  return demo.cli(['release', job, '--printer', printer, '--user', 'alice', '--pin', '-'], {
    input: `${demo.line.users[0]?.pin}\n`
  });
}
