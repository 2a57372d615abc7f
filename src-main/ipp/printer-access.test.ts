import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { selfSigned } from '../../tests/support/certificates.ts';
import { startTestPrinter, type TestPrinter } from '../../tests/support/test-printer.ts';
import { systemClock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { silentLogger } from '../base/logger.ts';
import { createTestClock } from '../base/testing/clock.ts';
import { boundConnections } from './connections.ts';
import { loopbackAccess } from './loopback-access.ts';
import { type OperationName, operations } from './registry.ts';
import { head, ippRequest, pdf, post, rawConnection } from './testing/print-client.ts';

const tls = selfSigned();
const credentials = { user: 'letterlock', password: 'right:password' };
const basic = (password: string, user = credentials.user) =>
  `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

let printer: TestPrinter;
afterEach(() => printer?.close());

/** A printer to which this process belongs to user 4711, its owner to `ownUid`. */
async function start({ ownUid = 1000, clock = systemClock, logger = silentLogger, withTls = true } = {}) {
  const access = loopbackAccess({ credentials, clock, logger, ownUid, userOf: async () => 4711 });
  printer = await startTestPrinter({ access, clock, logger, ...(withTls ? { tls } : {}) });
}

const secureConnection = async (socket?: Socket): Promise<TLSSocket> => {
  const secure = connectTls({
    port: printer.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...(socket ? { socket } : {})
  });
  secure.on('error', () => undefined);
  await once(secure, 'secureConnect');
  return secure;
};

/** Print-Job or another request over a connection, until the printer ends it. */
async function ask(socket: Socket, operation: OperationName, ...lines: string[]): Promise<string> {
  const body = Buffer.concat([ippRequest(operation, [pdf]), Buffer.from('%PDF')]);
  socket.write(head(`Content-Length: ${body.length}`, 'Connection: close', ...lines));
  socket.write(body);
  return (await buffer(socket)).toString('latin1');
}
const plainly = async (operation: OperationName, ...lines: string[]): Promise<string> => {
  const socket = connectTcp(printer.port, '127.0.0.1');
  await once(socket, 'connect');
  return ask(socket, operation, ...lines);
};
const securely = async (operation: OperationName, ...lines: string[]): Promise<string> =>
  ask(await secureConnection(), operation, ...lines);

const guarded = (Object.keys(operations) as OperationName[]).filter((name) => name !== 'Get-Printer-Attributes');

describe('who may print', () => {
  it('lets everybody ask for the printer', async () => {
    await start();
    expect(await plainly('Get-Printer-Attributes')).toMatch(/^HTTP\/1.1 200 OK/);
    expect(await securely('Get-Printer-Attributes')).toMatch(/^HTTP\/1.1 200 OK/);
  });

  it.each(guarded)('refuses %s to another user: TLS first, then credentials', async (operation) => {
    await start();
    const plain = await plainly(operation, basic(credentials.password));
    expect(plain).toMatch(/^HTTP\/1.1 426 Upgrade Required/);
    expect(plain).toMatch(/\r\nConnection: Upgrade, close\r\nUpgrade: TLS\/1.2, HTTP\/1.1\r\n/);
    const secure = await securely(operation);
    expect(secure).toMatch(/^HTTP\/1.1 401 Unauthorized/);
    expect(secure).toMatch(/\r\nWWW-Authenticate: Basic realm="Letterlock"/);
    expect(printer.jobs).toHaveLength(0);
  });

  it('takes the right credentials over TLS, and only the right ones', async () => {
    await start();
    expect(await securely('Print-Job', basic(credentials.password))).toMatch(/^HTTP\/1.1 200 OK/);
    expect(printer.jobs).toHaveLength(1);
    const wrong = [
      basic('wrong'),
      basic(credentials.password, 'root'),
      basic(`${credentials.password} `),
      'Authorization: Basic',
      'Authorization: Basic !!!!',
      `Authorization: Bearer ${credentials.password}`,
      `Authorization: Basic ${'A'.repeat(5000)}`
    ];
    const answers = await Promise.all(wrong.map((line) => securely('Print-Job', line)));
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1.1 401/);
    expect(printer.jobs).toHaveLength(1);
  });

  it('takes processes of the same user as they are, and nobody for user 65534, who may be anybody', async () => {
    await start({ ownUid: 4711 });
    expect(await plainly('Print-Job')).toMatch(/^HTTP\/1.1 200 OK/);
    await printer.close();
    const access = loopbackAccess({
      credentials: null,
      clock: systemClock,
      logger: silentLogger,
      ownUid: 65_534,
      userOf: async () => 65_534
    });
    printer = await startTestPrinter({ access });
    expect(await plainly('Print-Job')).toMatch(/^HTTP\/1.1 403/); // no TLS here that could be asked for
    expect(printer.jobs).toHaveLength(0);
  });

  it('says no so that it is heard, also by a client that is still sending its document', async () => {
    await start();
    for (let round = 0; round < 10; round++) {
      const socket = await secureConnection();
      const body = Buffer.concat([ippRequest('Print-Job', [pdf]), Buffer.alloc(2_000_000, '%PDF')]);
      socket.write(head(`Content-Length: ${body.length}`, 'Connection: close'));
      socket.write(body);
      expect((await buffer(socket)).toString('latin1', 0, 12)).toBe('HTTP/1.1 401');
    }
    expect(printer.jobs).toEqual([]);
  });

  it('answers wrong credentials later and later, right ones at once, and says nothing of either in the log', async () => {
    const clock = createTestClock();
    const logged: unknown[] = [];
    const logger = { ...silentLogger, warn: (...parts: unknown[]) => void logged.push(parts) };
    await start({ clock, logger });
    const waits: number[] = [];
    for (let wrong = 1; wrong <= 8; wrong++) {
      const answered = securely('Print-Job', basic(`guess ${wrong}`));
      await vi.waitFor(() => expect(logged).toHaveLength(wrong));
      expect(await securely('Print-Job', basic(credentials.password))).toMatch(/^HTTP\/1.1 200/);
      let waited = 0;
      let done = false;
      void answered.then(() => {
        done = true;
      });
      while (!done && waited < 60_000) {
        clock.advance(100);
        waited += 100;
        await new Promise((resolve) => setImmediate(resolve));
      }
      waits.push(waited);
      expect(await answered).toMatch(/^HTTP\/1.1 401/);
    }
    expect(waits.at(0)).toBeLessThan(1000);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(5000);
    expect(JSON.stringify(logged)).not.toMatch(/guess|right|letterlock/);
  });
});

describe('HTTP Upgrade', () => {
  const options = (...lines: string[]) => ['OPTIONS * HTTP/1.1', 'Host: localhost', ...lines, '', ''].join('\r\n');
  const wish = ['Connection: Upgrade', 'Upgrade: TLS/1.2,TLS/1.1,TLS/1.0'];

  async function upgraded(request: string): Promise<{ socket: TLSSocket; answer: string }> {
    const plain = connectTcp(printer.port, '127.0.0.1');
    await once(plain, 'connect');
    plain.write(request);
    const [switching] = await once(plain, 'data');
    expect(String(switching)).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade\r\n\r\n'
    );
    const socket = await secureConnection(plain);
    const [answer] = await once(socket, 'data');
    return { socket, answer: String(answer) };
  }

  it('answers over TLS on the same connection, and goes on there', async () => {
    await start();
    const { socket, answer } = await upgraded(options(...wish));
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\nAllow: GET, HEAD, OPTIONS, POST\r\n/);
    const printed = await ask(socket, 'Print-Job', basic(credentials.password));
    expect(printed).toMatch(/^HTTP\/1.1 200 OK/);
    expect(printed).toContain('ipps://localhost/ipp/print');
    expect(printer.jobs).toHaveLength(1);
  });

  it('is to be had for any request without a body', async () => {
    await start();
    const { socket, answer } = await upgraded(options(...wish).replace('OPTIONS *', 'GET /'));
    expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
    socket.destroy();
  });

  it('is ignored where it cannot be', async () => {
    await start();
    const body = ippRequest('Get-Printer-Attributes');
    const withBody = head(...wish, `Content-Length: ${body.length}`);
    const other = options('Connection: Upgrade, close', 'Upgrade: websocket');
    for (const bytes of [Buffer.concat([Buffer.from(withBody), body]), Buffer.from(other)]) {
      const { socket, answer } = await rawConnection(printer.port, bytes);
      const [first] = await once(socket, 'data');
      expect(String(first)).toMatch(/^HTTP\/1.1 200 OK/);
      socket.end();
      await answer;
    }
    const secure = await secureConnection();
    secure.write(options('Connection: Upgrade, close', 'Upgrade: TLS/1.3'));
    expect((await buffer(secure)).toString()).toMatch(/^HTTP\/1.1 200 OK/);
    await printer.close();
    await start({ withTls: false });
    const { answer } = await rawConnection(printer.port, options('Connection: Upgrade, close', 'Upgrade: TLS/1.2'));
    expect(await answer).toMatch(/^HTTP\/1.1 200 OK/);
  });

  it('takes nothing over into TLS that came in the clear', async () => {
    await start();
    const body = ippRequest('Print-Job', [pdf]);
    const smuggled = Buffer.concat([
      Buffer.from(head(basic(credentials.password), `Content-Length: ${body.length}`)),
      body
    ]);
    const { answer } = await rawConnection(printer.port, Buffer.concat([Buffer.from(options(...wish)), smuggled]));
    expect(await answer).not.toContain('200 OK'); // it is no TLS handshake
    const busy = await rawConnection(printer.port, Buffer.concat([smuggled, Buffer.from(options(...wish))]));
    expect(await busy.answer).toBe('');
    expect(printer.jobs).toHaveLength(0);
  });

  it('does not wait for ever for the handshake', async () => {
    const clock = createTestClock();
    await start({ clock });
    const { socket, answer } = await rawConnection(printer.port, options(...wish));
    await once(socket, 'data');
    clock.advance(limits.stalledTransferSeconds * 1000);
    await answer;
  });
});

describe('limits', () => {
  const body = ippRequest('Get-Printer-Attributes');
  const seconds = limits.stalledTransferSeconds * 1000;

  it.each([
    ['says nothing', Buffer.alloc(0)],
    ['begins a handshake and stops', Buffer.from([0x16, 3, 1, 2, 0, 1])],
    ['sends half a head', Buffer.from(head('X: y').slice(0, 40))]
  ])('a client that %s is cut off', async (_what, bytes) => {
    const clock = createTestClock();
    await start({ clock });
    const { answer } = await rawConnection(printer.port, bytes);
    await vi.waitFor(() => expect(clock.waiting()).toBeGreaterThan(0));
    clock.advance(seconds);
    await answer.catch(() => undefined);
  });

  it('a stranger who stops in the middle of the attributes is cut off', async () => {
    const clock = createTestClock();
    await start({ clock });
    const { socket, answer } = await rawConnection(printer.port, head('Content-Length: 1000', 'Expect: 100-continue'));
    await once(socket, 'data');
    socket.write(body.subarray(0, 50));
    clock.advance(seconds);
    await answer.catch(() => undefined);
  });

  it('bytes that trickle give a connection no more time', async () => {
    const clock = createTestClock();
    const connections = boundConnections(clock);
    const server = createServer(connections.add).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connectTcp((server.address() as AddressInfo).port, '127.0.0.1');
    const [socket] = (await once(server, 'connection')) as [Socket];
    for (let tenth = 0; tenth < 10; tenth++) {
      expect(socket.destroyed).toBe(false);
      client.write('x');
      await once(socket, 'data');
      clock.advance(seconds / 10);
    }
    expect(socket.destroyed).toBe(true);
    client.destroy();
    server.close();
  });

  it('an idle connection is closed, a served one is not', async () => {
    const clock = createTestClock();
    await start({ clock, ownUid: 4711 });
    const idle = await rawConnection(
      printer.port,
      Buffer.concat([Buffer.from(head(`Content-Length: ${body.length}`)), body])
    );
    await once(idle.socket, 'data');
    const begun = printer.chunk();
    const printing = await rawConnection(printer.port, beginning);
    await begun;
    for (let minute = 0; minute < 10; minute++) {
      const more = printer.chunk();
      printing.socket.write(chunk(Buffer.from('more')));
      await more;
      clock.advance(seconds - 1);
    }
    await idle.answer;
    expect(printing.socket.destroyed).toBe(false);
    printing.socket.write('0\r\n\r\n');
    expect((await printer.finished()).state).toBe('completed');
    printing.socket.destroy();
  });

  it('the connection that has been quiet longest makes room for a new one; one that prints stays', async () => {
    await start({ ownUid: 4711 });
    const begun = printer.chunk();
    const printing = await rawConnection(printer.port, beginning);
    await begun;
    const first = await rawConnection(printer.port, '');
    const others = await Promise.all(
      Array.from({ length: limits.ippConnectionsPerPeer - 2 }, () => rawConnection(printer.port, ''))
    );
    expect((await post(printer.port, body)).status).toBe(200);
    await first.answer.catch(() => undefined);
    expect(printing.socket.destroyed).toBe(false);
    printing.socket.write('0\r\n\r\n');
    expect((await printer.finished()).state).toBe('completed');
    for (const { socket } of [printing, ...others]) socket.destroy();
  });

  it('so many requests at once on one connection', async () => {
    await start();
    const one = Buffer.concat([Buffer.from(head(`Content-Length: ${body.length}`)), body]);
    const { answer } = await rawConnection(printer.port, Buffer.concat(Array(1000).fill(one)));
    const answers = await answer;
    expect(answers.match(/HTTP\/1.1 200 OK/g)?.length).toBe(limits.ippRequestsPerConnection);
    expect(answers).toContain('503 Service Unavailable');
  });
});

/** A job whose document goes on. */
const beginning = Buffer.concat([
  Buffer.from(head('Transfer-Encoding: chunked')),
  chunk(Buffer.concat([ippRequest('Print-Job', [pdf]), Buffer.from('%PDF'.padEnd(4096))]))
]);

function chunk(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}
