import { once } from 'node:events';
import type { Agent } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { silentLogger } from '../base/logger.ts';
import { deviceAgent } from './device-agent.ts';
import { request } from './device-http.ts';
import { createDeviceServer } from './device-server.ts';
import { requestUpgrade, switchProtocol } from './device-upgrade.ts';
import { createTestOrganization } from './testing/organization.ts';
import { deviceTlsServer } from './tls.ts';

const ours = await createTestOrganization();
const [node, laptop] = await Promise.all([ours.machine('Node'), ours.machine('Laptop')]);
const revoked = new Set<string>();
afterEach(() => revoked.clear());

const protocol = 'parrot/1';
const server = createDeviceServer({
  tls: () => deviceTlsServer({ identity: node }),
  isApproved: ({ device }) => !revoked.has(device),
  upgrades: true,
  logger: silentLogger
});
server.app.get('/parrot', async (incoming, reply) => {
  const stream = switchProtocol(incoming, reply, protocol);
  stream.on('data', (chunk: Buffer) => {
    try {
      stream.write(`${incoming.approvedPeer.device} ${chunk}`);
    } catch {
      stream.destroy();
    }
  });
});
server.app.get('/slow', async (_request, reply) => {
  reply.hijack(); // its answer never comes
});
server.app.post('/other', async () => ({ fine: true }));
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
const url = `https://127.0.0.1:${port}`;
const agents: Agent[] = [];
const agentOf = () => {
  const agent = deviceAgent({ identity: laptop, expect: node.id });
  agents.push(agent);
  return agent;
};
afterAll(async () => {
  for (const agent of agents) agent.destroy();
  await server.close();
});

const upgrade = (path = '/parrot', wanted = protocol, agent = agentOf()) =>
  requestUpgrade({ agent, url, path, protocol: wanted, unreachable: 'node-unreachable', seconds: 10 });
async function opened(): Promise<TLSSocket> {
  const socket = await upgrade();
  if (!socket) throw new Error('not switched');
  return socket;
}
const said = async (socket: TLSSocket) => String((await once(socket, 'data'))[0]);

/** Bytes as they are, from a machine that may come in. */
async function raw(text: string): Promise<TLSSocket> {
  const { keyPem: key, certificatePem: cert, authorityPem: ca } = laptop.tls;
  const socket = connect({ port, key, cert, ca, checkServerIdentity: () => undefined });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  socket.write(text);
  return socket;
}
const head = (method: string, path: string, to: string, more = '') =>
  `${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: ${to}\r\n${more}\r\n`;
const ended = async (socket: TLSSocket): Promise<string> => {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  if (!socket.destroyed) await once(socket, 'close');
  return text;
};

test('the connection is one of the other protocol, and it is still known who is there', async () => {
  const socket = await opened();
  socket.write('hello');
  expect(await said(socket)).toBe(`${laptop.id} hello`);
  socket.destroy();
});

test('what comes right behind the request is not lost', async () => {
  const socket = await raw(`${head('GET', '/parrot', protocol)}hello`);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  while (!text.endsWith('hello')) await once(socket, 'data');
  expect(text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n(.+\r\n)+\r\n/);
  expect(text).toContain(`${laptop.id} hello`);
  socket.destroy();
});

test('whoever is not approved is refused, and cut off after it has switched', async () => {
  revoked.add(laptop.id);
  expect(await upgrade()).toBeNull();
  expect(await ended(await raw(head('GET', '/parrot', protocol)))).toMatch(/^HTTP\/1\.1 403 .*device-not-approved/s);
  revoked.clear();

  const [first, second] = [await opened(), await opened()];
  revoked.add(laptop.id);
  first.write('hello'); // asked again by whoever reads it
  await once(first, 'close');
  server.dropUnapproved();
  await once(second, 'close');
});

test.each([
  ['/other', protocol],
  ['/nowhere', protocol],
  ['/parrot', 'websocket']
])('%s does not become %s', async (path, wanted) => {
  const agent = agentOf();
  expect(await upgrade(path, wanted, agent)).toBeNull();
  expect(await ended(await raw(head('GET', path, wanted)))).toMatch(/^HTTP\/1\.1 4\d\d /);
});

test('only a GET may ask, and not behind a request that has no answer yet', async () => {
  const body = 'content-type: application/json\r\ncontent-length: 2\r\n';
  expect(await ended(await raw(`${head('POST', '/other', protocol, body)}{}`))).toBe('');
  const behind = `GET /slow HTTP/1.1\r\nhost: x\r\n\r\n${head('GET', '/parrot', protocol)}`;
  expect(await ended(await raw(behind))).toBe('');
  expect(await upgrade()).not.toBeNull();
});

test('a server without upgrades answers as if nobody had asked, and the connection can be used again', async () => {
  const old = createDeviceServer({ tls: () => deviceTlsServer({ identity: node }), logger: silentLogger });
  let connections = 0;
  old.app.server.on('secureConnection', () => {
    connections += 1;
  });
  old.app.get('/parrot', async () => ({ fine: true }));
  const at = `https://127.0.0.1:${(await old.listen({ host: '127.0.0.1', port: 0 })).port}`;
  const agent = agentOf();
  const to = { agent, url: at, path: '/parrot', unreachable: 'node-unreachable' as const };
  expect(await requestUpgrade({ ...to, protocol, seconds: 10 })).toBeNull();
  expect(await request({ ...to, method: 'GET', schema: z.object({ fine: z.boolean() }) })).toEqual({ fine: true });
  expect(connections).toBe(1);
  await old.close();
});

test('a server that closes ends what has switched', async () => {
  const short = createDeviceServer({
    tls: () => deviceTlsServer({ identity: node }),
    upgrades: true,
    logger: silentLogger
  });
  short.app.get('/parrot', async (incoming, reply) => void switchProtocol(incoming, reply, protocol).resume());
  const at = `https://127.0.0.1:${(await short.listen({ host: '127.0.0.1', port: 0 })).port}`;
  const to = { agent: agentOf(), url: at, path: '/parrot', unreachable: 'node-unreachable' as const };
  const socket = await requestUpgrade({ ...to, protocol, seconds: 10 });
  if (!socket) throw new Error('not switched');
  socket.resume();
  await Promise.all([short.close(), once(socket, 'close')]);
  await expect(requestUpgrade({ ...to, protocol, seconds: 10 })).rejects.toMatchObject({ code: 'node-unreachable' });
});

test('another machine than the expected one is not asked', async () => {
  const agent = deviceAgent({ identity: laptop, expect: laptop.id });
  agents.push(agent);
  await expect(upgrade('/parrot', protocol, agent)).rejects.toMatchObject({ code: 'certificate-invalid' });
});
