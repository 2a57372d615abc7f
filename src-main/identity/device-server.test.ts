import { once } from 'node:events';
import { Agent, request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { KiB, limits } from '../base/limits.ts';
import { silentLogger } from '../base/logger.ts';
import { request } from './device-http.ts';
import { createDeviceServer } from './device-server.ts';
import { createTestOrganization } from './testing/organization.ts';
import { publicTlsServer } from './tls.ts';

/** A listener for strangers: bounds hold before anybody is known. */
const identity = await (await createTestOrganization()).machine('Coordinator');
const server = createDeviceServer({
  tls: () => publicTlsServer({ identity }),
  maxBody: 4 * KiB,
  maxConnections: 3,
  logger: silentLogger
});
server.app.post('/known', async () => ({ fine: true }));
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
const agent = new Agent({ rejectUnauthorized: false, keepAlive: true });
afterAll(async () => {
  agent.destroy();
  await server.close();
});

const url = `https://127.0.0.1:${port}`;
const ask = (path: string, body: unknown) =>
  request({ agent, url, path, body, schema: z.object({ fine: z.boolean() }), unreachable: 'coordinator-unreachable' });

test.each(['/known', '/unknown'])('a body that is too long is not collected: %s', async (path) => {
  expect(await ask('/known', 'short')).toEqual({ fine: true });
  const sent = httpsRequest(new URL(path, url), {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
  });
  sent.on('error', () => {}); // the server may hang up on what is still to come
  sent.write(`"${'x'.repeat(8 * KiB)}`);
  const [response] = await once(sent, 'response');
  expect(response.statusCode).toBe(413);
  sent.destroy();
});

test('more connections than allowed are closed, and those that are there go on', async () => {
  expect(await ask('/known', 'hello')).toEqual({ fine: true });
  const idle = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  const extra = connect(port, '127.0.0.1');
  extra.on('error', () => {});
  await once(extra, 'close');
  expect(await ask('/known', 'again')).toEqual({ fine: true });
  for (const socket of idle) socket.destroy();
});

test('a listener full of handshakes that go nowhere still takes in who gets on', async () => {
  const open = createDeviceServer({ tls: () => publicTlsServer({ identity }), logger: silentLogger });
  open.app.get('/here', async () => ({ fine: true }));
  const at = await open.listen({ host: '127.0.0.1', port: 0 });
  const half = Array.from({ length: limits.handshakesPerAddress + 10 }, () => connect(at.port, '127.0.0.1'));
  const cut = Promise.all(
    half.slice(0, 10).map((socket) =>
      once(
        socket.on('error', () => {}),
        'close'
      )
    )
  );
  await Promise.all(half.slice(10).map((socket) => once(socket, 'connect')));
  await cut;
  const [response] = await once(httpsRequest(`https://127.0.0.1:${at.port}/here`, { agent }).end(), 'response');
  expect(response.statusCode).toBe(200);
  for (const socket of half) socket.destroy();
  await open.close();
});

test('one address has so many connections and no more', async () => {
  const few = createDeviceServer({
    tls: () => publicTlsServer({ identity }),
    maxConnectionsPerAddress: 2,
    logger: silentLogger
  });
  const at = await few.listen({ host: '127.0.0.1', port: 0 });
  const from = (localAddress: string) =>
    connect({ port: at.port, host: '127.0.0.1', localAddress }).on('error', () => {});
  const mine = [from('127.0.0.1'), from('127.0.0.1')];
  await Promise.all(mine.map((socket) => once(socket, 'connect')));
  const other = from('127.0.0.2');
  await Promise.all([once(from('127.0.0.1'), 'close'), once(other, 'connect')]);
  expect([...mine, other].map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  for (const socket of [...mine, other]) socket.destroy();
  await few.close();
});
