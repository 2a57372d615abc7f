import { once } from 'node:events';
import { Agent, type AgentOptions } from 'node:https';
import { connect, createSecureContext } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { silentLogger } from '../base/logger.ts';
import { deviceAgent } from './device-agent.ts';
import { request, requestLines } from './device-http.ts';
import { createDeviceServer, parseInput } from './device-server.ts';
import { peerOf } from './peer-identity.ts';
import { createTestOrganization } from './testing/organization.ts';
import { deviceTlsServer, publicTlsServer } from './tls.ts';

const day = 86_400_000;
const ours = await createTestOrganization();
const [node, laptop, station] = await Promise.all(['Node', 'Laptop', 'Station'].map((name) => ours.machine(name)));
if (!node || !laptop || !station) throw new Error('no machines');
const revoked = new Set<string>();

const server = createDeviceServer({
  tls: () => deviceTlsServer({ identity: node }),
  isApproved: ({ device }) => !revoked.has(device),
  logger: silentLogger
});
server.app.post('/v1/echo', async ({ peer, body }) => ({ peer, body: parseInput(z.object({ n: z.number() }), body) }));
server.app.get('/v1/fails', async () => {
  throw new Error('private words');
});
server.app.get('/v1/conflict', async () => {
  throw new LetterlockError('conflict', 'why');
});
server.app.get('/v1/forever', (_request, reply) => {
  reply.hijack();
  reply.raw.write('{"n":1}\n');
});
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
const url = `https://127.0.0.1:${port}`;
const agents: Agent[] = [];
afterAll(async () => {
  for (const agent of agents) agent.destroy();
  await server.close();
});

const agentOf = (identity: typeof laptop, expect = node.id) => kept(deviceAgent({ identity, expect }));
const kept = (agent: Agent) => {
  agents.push(agent);
  return agent;
};
const echo = (agent: Agent, body: unknown = { n: 1 }) =>
  request({ agent, url, path: '/v1/echo', body, schema: Echo, unreachable: 'node-unreachable' });
const Echo = z.object({ peer: z.object({ device: z.string(), descriptorSha256: z.string() }), body: z.unknown() });
const get = (path: string) =>
  request({ agent: agentOf(laptop), url, path, method: 'GET', schema: z.unknown(), unreachable: 'node-unreachable' });

test('the right device is known by its certificate', async () => {
  const { peer, body } = await echo(agentOf(laptop));
  expect(peer).toMatchObject({ device: laptop.id, descriptorSha256: laptop.descriptorSha256 });
  expect(body).toEqual({ n: 1 });
});

test('a resumed session still says who is there, and ends with its certificate', async () => {
  const { keyPem: key, certificatePem: cert, authorityPem: ca } = laptop.tls;
  const trusting = { port, key, cert, ca, checkServerIdentity: () => undefined };
  const first = connect(trusting);
  first.write('GET /v1/conflict HTTP/1.1\r\nhost: x\r\n\r\n'); // BoringSSL sends its ticket with the first answer
  const [session] = await once(first, 'session');
  first.destroy();
  const accepted = once(server.app.server, 'secureConnection');
  const second = connect({ ...trusting, session });
  const [socket] = await accepted;
  expect(socket.isSessionReused()).toBe(true);
  expect(peerOf(socket).device).toBe(laptop.id);
  expect(() => peerOf(socket, Date.now() + 31 * day)).toThrow('certificate-invalid');
  second.destroy();
});

test('another device than the expected one gets no request', async () => {
  await expect(echo(agentOf(laptop, station.id))).rejects.toMatchObject({ code: 'certificate-invalid' });
});

test('a device of another organization is refused, and refuses', async () => {
  const other = await createTestOrganization();
  const stranger = await other.machine('Stranger');
  await expect(echo(agentOf(stranger))).rejects.toMatchObject({ code: 'certificate-invalid' });
  // one that trusts our authority without belonging to it
  const forged = { ...stranger, tls: { ...stranger.tls, authorityPem: ours.authority.certificatePem } };
  await expect(echo(agentOf(forged))).rejects.toMatchObject({ code: 'node-unreachable' });
});

test('an expired certificate is refused by both sides', async () => {
  const old = await ours.machine('Old', { issuedAt: Date.now() - 31 * day });
  await expect(echo(agentOf(old))).rejects.toMatchObject({ code: 'certificate-invalid' });
  await expect(echo(foreignAgent({ key: old.tls.keyPem, cert: old.tls.certificatePem }))).rejects.toMatchObject({
    code: 'node-unreachable'
  });
});

test('no certificate, and TLS 1.2, are refused', async () => {
  await expect(echo(foreignAgent({}))).rejects.toMatchObject({ code: 'certificate-invalid' });
  const { keyPem: key, certificatePem: cert, authorityPem: ca } = laptop.tls;
  const socket = connect({ port, key, cert, ca, maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' });
  const [error] = await once(socket, 'error');
  expect(String(error.code)).toMatch(/ALERT_PROTOCOL_VERSION/);
});

test('a device whose approval was withdrawn is refused at its next request and cut off', async () => {
  const agent = agentOf(station);
  const lines = requestLines({
    agent,
    url,
    path: '/v1/forever',
    method: 'GET',
    schema: z.object({ n: z.number() }),
    unreachable: 'node-unreachable'
  });
  expect(await lines.next()).toEqual({ done: false, value: { n: 1 } });
  revoked.add(station.id);
  server.dropPeer(station.id);
  await expect(lines.next()).rejects.toMatchObject({ code: 'node-unreachable' });
  await expect(echo(agent)).rejects.toMatchObject({ code: 'device-not-approved' });
});

test('errors arrive with their code, and private ones without their words', async () => {
  await expect(get('/v1/conflict')).rejects.toMatchObject({ code: 'conflict', detail: 'why' });
  await expect(get('/v1/nothing')).rejects.toMatchObject({ code: 'not-found' });
  const internal = await get('/v1/fails').catch((error: LetterlockError) => error);
  expect(internal).toMatchObject({ code: 'internal' });
  expect(JSON.stringify(internal)).not.toContain('private');
  await expect(echo(agentOf(laptop), { n: 'one' })).rejects.toMatchObject({ code: 'input-invalid', detail: 'n' });
  await expect(echo(agentOf(laptop), { n: 'x'.repeat(limits.jsonBody) })).rejects.toMatchObject({ code: 'too-large' });
});

test('an abort is the signal’s reason, a dead address is unreachable', async () => {
  const signal = AbortSignal.abort(new LetterlockError('conflict', 'stop'));
  const call = {
    agent: agentOf(laptop),
    path: '/v1/echo',
    schema: z.unknown(),
    unreachable: 'node-unreachable' as const
  };
  await expect(request({ ...call, url, signal })).rejects.toBe(signal.reason);
  await expect(request({ ...call, url: 'https://127.0.0.1:1' })).rejects.toMatchObject({ code: 'node-unreachable' });
  await expect(request({ ...call, url: 'http://127.0.0.1:1' })).rejects.toMatchObject({ code: 'node-unreachable' });
});

test('a listener without client certificates knows nobody', async () => {
  const open = createDeviceServer({ tls: () => publicTlsServer({ identity: node }), logger: silentLogger });
  open.app.get('/who', async ({ peer }) => peer);
  const address = await open.listen({ host: '127.0.0.1', port: 0 });
  const agent = foreignAgent({});
  const who = { agent, url: `https://127.0.0.1:${address.port}`, path: '/who', method: 'GET' as const };
  await expect(request({ ...who, schema: z.unknown(), unreachable: 'node-unreachable' })).rejects.toMatchObject({
    code: 'certificate-invalid'
  });
  await open.close();
});

/** What another program does: trusts our authority, shows what it has. */
function foreignAgent(options: { key?: string; cert?: string }): Agent {
  const secureContext = createSecureContext({ ca: ours.authority.certificatePem, ...options });
  const trusting: AgentOptions = { secureContext, checkServerIdentity: () => undefined };
  return kept(new Agent(trusting));
}
