import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Endpoints, peerUser } from './peer-user.ts';

describe.runIf(process.platform === 'linux')('the user at the other end', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['::', '127.0.0.1']
  ])('of a connection to %s by %s is whose process it is', async (host, target) => {
    const server = createServer().listen(0, host);
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, target);
    const [socket] = (await once(server, 'connection')) as [Socket];
    expect(await peerUser(socket)).toBe(process.geteuid?.());
    expect(await peerUser({ ...ends(socket), remotePort: 1 })).toBeNull();
    client.destroy();
    await once(socket.resume(), 'end');
    expect(await peerUser(ends(socket))).toBeNull(); // it has left, and what the kernel keeps of it shows user 0
    socket.destroy();
    server.close();
  });
});

const ends = ({ localAddress, localPort, remoteAddress, remotePort }: Socket): Endpoints => ({
  localAddress,
  localPort,
  remoteAddress,
  remotePort
});

/** Tables as the kernel of a little-endian machine prints them. */
describe.runIf(endianness() === 'LE')('the table of sockets', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'letterlock-sockets-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const [client, server] = ['0100007F:C350', '0100007F:0277']; // 127.0.0.1:50000 and 127.0.0.1:631
  const row = (from: string, to: string, { state = '01', uid = 1000, inode = 4711 } = {}) =>
    `   3: ${from} ${to} ${state} 00000000:00000000 02:000A7214 00000000  ${uid}        0 ${inode} 2 0000000000000000 20 4 30 10 -1\n`;
  const connection = { localAddress: '127.0.0.1', localPort: 631, remoteAddress: '127.0.0.1', remotePort: 50_000 };
  async function read(rows: string, ends: Endpoints = connection, name = 'tcp') {
    const table = join(folder, name);
    await writeFile(
      table,
      `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n${rows}`
    );
    return peerUser(ends, [table]);
  }

  it('tells the two ends of a connection apart', async () => {
    const ours = row(server, client, { uid: 0 });
    expect(await read(ours + row(client, server))).toBe(1000);
    expect(await read(ours)).toBeNull();
    expect(await read(row(client, '0100007F:0278') + row('0100007F:C351', server))).toBeNull();
    expect(await read(row(client, client), { ...connection, localPort: 50_000 })).toBeNull();
  });

  it('proves nothing for sockets without a process, or in another state', async () => {
    expect(await read(row(client, server, { uid: 0, inode: 0 }))).toBeNull();
    expect(await read(row(client, server, { state: '06', uid: 0 }))).toBeNull();
    expect(await read('   3: damaged')).toBeNull();
    expect(await read(row(client, server).slice(0, 60))).toBeNull();
  });

  it('is read past its first pieces', async () => {
    expect(await read(row('0200007F:0001', server).repeat(2000) + row(client, server))).toBe(1000);
  });

  it('holds IPv6 addresses, and IPv4 ones in IPv6 form', async () => {
    const six = { ...connection, localAddress: '::1', remoteAddress: 'fe80::a:0:1%eth0' };
    const [near, far] = ['00000000000000000000000001000000:0277', '000080FE000000000A00000001000000:C350'];
    expect(await read(row(far, near), six, 'tcp6')).toBe(1000);
    expect(await read(row(far.replace('0A', '0B'), near), six, 'tcp6')).toBeNull();
    const mapped = (end: string) => `0000000000000000FFFF0000${end}`;
    expect(await read(row(mapped(client), mapped(server)), connection, 'tcp6')).toBe(1000);
  });

  it('may be missing', async () => {
    expect(await peerUser(connection, [join(folder, 'none')])).toBeNull();
  });
});
