import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { type Asking, answerLines, askLines } from '../../base/line-channel.ts';
import { silentLogger } from '../../base/logger.ts';
import { createTestClock } from '../../base/testing/clock.ts';
import { deviceAgent } from '../../identity/device-agent.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import { createDeviceServer } from '../../identity/device-server.ts';
import { requestUpgrade, switchProtocol } from '../../identity/device-upgrade.ts';
import { deviceTlsServer } from '../../identity/tls.ts';
import { gossipPath, gossipProtocol } from '../../protocol/membership.ts';
import { type MeshNode, startNode } from '../node.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organization.ts';
import { createAddresses } from './addresses.ts';
import { createGossipClient } from './gossip-client.ts';

/** Channels between real machines with real certificates, on loopback. */
let organization: TestOrganization;
let dataDir: string;
let a: DeviceIdentity;
let b: DeviceIdentity;
let laptop: DeviceIdentity;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  organization = await createTestOrganization();
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-channel-'));
  [a, b, laptop] = await Promise.all([
    organization.enroll('a', ['node']),
    organization.enroll('b', ['node']),
    organization.enroll('laptop', ['client'])
  ]);
}, 60_000);
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  for (const { id } of [a, b]) organization.update(id, { url: null, status: 'approved', site: undefined });
});
afterAll(async () => {
  await organization.close();
  await rm(dataDir, { recursive: true, force: true });
});

const ping = { v: 1, type: 'ping', updates: [] };
const ack = { v: 1, type: 'ack' };

describe('a node', () => {
  /** Its time stands, so that nothing is forgiven meanwhile, and it says nothing by itself. */
  async function startA(): Promise<MeshNode> {
    const node = await startNode({
      ...{ dataDir: join(dataDir, 'a'), host: '127.0.0.1', port: 0, identity: a },
      organization: organization.view(a),
      deliver: { release: () => Promise.reject(new Error('not here')) },
      ...{ clock: createTestClock(), logger: silentLogger }
    });
    open.push(node);
    return node;
  }
  async function dial(identity: DeviceIdentity, { url }: MeshNode): Promise<TLSSocket | null> {
    const agent = deviceAgent({ identity, expect: a.id });
    open.push({ close: () => agent.destroy() });
    const protocol = gossipProtocol;
    return requestUpgrade({ agent, url, path: gossipPath, protocol, unreachable: 'node-unreachable', seconds: 10 });
  }
  async function channelOf(identity: DeviceIdentity, node: MeshNode): Promise<Asking & { socket: TLSSocket }> {
    const socket = await dial(identity, node);
    if (!socket) throw new Error('no channel');
    const rules = { maxBytes: limits.gossip, late: 5000, patience: 10_000, clock: systemClock };
    return { ...askLines(socket, { ...rules, unreachable: 'node-unreachable' }), socket };
  }

  it('opens channels to approved nodes of its site alone', async () => {
    const node = await startA();
    expect(await (await channelOf(b, node)).ask(ping)).toMatchObject(ack);
    expect(await dial(laptop, node)).toBeNull();
    organization.update(b.id, { site: 'branch' });
    expect(await dial(b, node)).toBeNull();
    organization.update(b.id, { status: 'revoked' });
    expect(await dial(b, node)).toBeNull();
  });

  it('cuts off who is revoked, and at the next message also whom nobody cut off', async () => {
    const node = await startA();
    const first = await channelOf(b, node);
    organization.update(b.id, { status: 'revoked' });
    await first.ended;

    organization.update(b.id, { status: 'approved' });
    const second = await channelOf(b, node);
    const device = organization.devices.get(b.id);
    if (!device) throw new Error('no device');
    organization.devices.set(b.id, { ...device, signing: 'A'.repeat(43) }); // nobody is told
    await expect(second.ask(ping)).rejects.toMatchObject({ code: 'node-unreachable' });
    await second.ended;
    organization.devices.set(b.id, device);
  });

  it('looks at each message where its sender belongs, and how much it has said', async () => {
    const node = await startA();
    const channel = await channelOf(b, node);
    organization.update(b.id, { site: 'branch' });
    await expect(channel.ask(ping)).rejects.toMatchObject({ code: 'not-allowed' });
    organization.update(b.id, { site: undefined });
    await expect(channel.ask({ v: 1, type: 'ping', updates: 'x' })).rejects.toMatchObject({ code: 'input-invalid' });
    const other = await channelOf(b, node);
    const answers: unknown[] = [];
    for (let times = 0; times < limits.gossipBurst; times += 1) {
      const { ask } = times % 2 ? channel : other;
      answers.push(await ask(ping).catch(({ code }: { code: string }) => code));
    }
    expect(answers.at(-1)).toBe('rate-limited');
    expect(answers.filter((answer) => answer === 'rate-limited')).toHaveLength(1);
  });

  it('ends a channel that breaks the rules, and answers on the next one', async () => {
    const node = await startA();
    const channel = await channelOf(b, node);
    await expect(channel.ask({ ...ping, padding: 'x'.repeat(limits.gossip) })).rejects.toThrow('node-unreachable');
    const next = await channelOf(b, node);
    next.socket.write('POST /v1/mesh/gossip HTTP/1.1\r\n\r\n');
    await next.ended;
    expect(await (await channelOf(b, node)).ask(ping)).toMatchObject(ack);
  });

  it('keeps so many channels of one node, the newest', async () => {
    const node = await startA();
    const channels: Asking[] = [];
    for (let more = 0; more <= limits.gossipChannels; more += 1) channels.push(await channelOf(b, node));
    await channels.shift()?.ended;
    for (const channel of channels) expect(await channel.ask(ping)).toMatchObject(ack);
  });

  it('ends its channels when it stops', async () => {
    const node = await startA();
    const channel = await channelOf(b, node);
    await Promise.all([node.close(), channel.ended]);
    open.splice(0, 1);
  });
});

describe('messages go', () => {
  type Server = ReturnType<typeof createDeviceServer>;
  /** What listens as b; how it speaks is up to the test. */
  async function listen(routes: (app: Server['app']) => void, upgrades = true): Promise<Server> {
    const server = createDeviceServer({ tls: () => deviceTlsServer({ identity: b }), upgrades, logger: silentLogger });
    routes(server.app);
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    open.push(server);
    organization.update(b.id, { url: `https://127.0.0.1:${port}` });
    return server;
  }
  function clientOf(identity: DeviceIdentity, clock = createTestClock()) {
    const view = organization.view(identity);
    const addresses = createAddresses(view);
    const client = createGossipClient({ identity, organization: view, addresses, clock });
    open.push(client);
    return { say: (message: unknown) => client.send(b.id, message), addresses, clock };
  }
  /** Channels whose messages are answered as the test says. */
  const answering = (answer: (message: unknown, channel: number) => Promise<unknown>) => {
    const sockets: TLSSocket[] = [];
    const routes = (app: Server['app']) => {
      app.get(gossipPath, async (request, reply) => {
        const channel = sockets.push(switchProtocol(request, reply, gossipProtocol));
        const socket = sockets[channel - 1] as TLSSocket;
        answerLines(socket, { maxBytes: 1000, atOnce: 4, answer: (message) => answer(message, channel) });
      });
    };
    return { sockets, routes };
  };

  it('over one channel, until it ends; then over the next', async () => {
    const { sockets, routes } = answering(async (message, channel) => ({ message, channel }));
    await listen(routes);
    const { say } = clientOf(a);
    expect(await Promise.all([1, 2, 3].map(say))).toEqual([1, 2, 3].map((message) => ({ message, channel: 1 })));
    expect(await say(4)).toEqual({ message: 4, channel: 1 });
    const ended = once(sockets[0] as TLSSocket, 'close');
    sockets[0]?.destroy();
    await ended;
    // A message that meets the end of the channel fails, as one to a node that has just restarted does.
    const fifth = await say(5).catch(() => say(5));
    expect(fifth).toEqual({ message: 5, channel: 2 });
  });

  it('past an answer that is late, and give up the channel of one that never comes', async () => {
    let asked = (): void => {};
    const hanging = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { sockets, routes } = answering((message, channel) => {
      if (message !== 'hang') return Promise.resolve(channel);
      asked();
      return new Promise(() => {});
    });
    await listen(routes);
    const { say, addresses, clock } = clientOf(a);
    addresses.found(b.id, 'https://127.0.0.1:2');
    const lost = expect(say('hang')).rejects.toMatchObject({ code: 'node-unreachable' });
    await hanging;
    expect(await say('hello')).toBe(1);
    const url = addresses.of(b.id);
    clock.advance(limits.gossipLateSeconds * 1000);
    expect(await say('hello')).toBe(2);
    expect(await say('hello')).toBe(2);
    clock.advance(limits.gossipSeconds * 1000);
    await lost;
    if (!sockets[0]?.destroyed) await once(sockets[0] as TLSSocket, 'close');
    expect(addresses.of(b.id)).not.toBe(url);
  });

  it('to one that hangs only so many at once', async () => {
    const { routes } = answering(() => new Promise(() => {}));
    await listen(routes);
    const { say, clock } = clientOf(a);
    const lost = Array.from({ length: limits.gossipsAtOnce }, say).map((said) =>
      expect(said).rejects.toMatchObject({ code: 'node-unreachable' })
    );
    await expect(say('more')).rejects.toMatchObject({ code: 'node-unreachable' });
    while (clock.waiting() < limits.gossipsAtOnce) await new Promise(setImmediate); // all are asked
    clock.advance(limits.gossipSeconds * 1000);
    await Promise.all(lost);
  });

  it('nowhere when nobody answers whether there are channels, and the address has failed', async () => {
    await listen((app) => app.get(gossipPath, (_request, reply) => void reply.hijack()));
    const { say, addresses } = clientOf(a);
    addresses.found(b.id, 'https://127.0.0.1:2');
    await expect(say('hello')).rejects.toMatchObject({ code: 'node-unreachable' });
    expect(addresses.of(b.id)).toBe('https://127.0.0.1:2');
  });

  it('over channels that end when their node is revoked, and none is opened to it', async () => {
    const { sockets, routes } = answering(async () => 'yes');
    await listen(routes);
    const { say } = clientOf(a);
    expect(await say('hello')).toBe('yes');
    const ended = once(sockets[0] as TLSSocket, 'close');
    organization.update(b.id, { status: 'revoked' });
    await ended;
    await expect(say('hello')).rejects.toMatchObject({ code: 'device-not-approved' });
  });

  describe('by POST', () => {
    const post = (app: Server['app']) => {
      app.post(gossipPath, async ({ body }) => ({ by: 'POST', body }));
    };
    const refusing = (app: Server['app']) => {
      app.get(gossipPath, async (_request, reply) => reply.code(400).send({ code: 'input-invalid' }));
    };
    it.each([
      ['that passes over `Upgrade`', false, () => {}],
      ['that knows upgrades, and none of this path', true, () => {}],
      ['that refuses', true, refusing]
    ] as const)('to a node %s', async (_, upgrades, more) => {
      let asked = 0;
      await listen((app) => {
        app.addHook('onRequest', async ({ method }) => {
          if (method === 'GET') asked += 1;
        });
        post(app);
        more(app);
      }, upgrades);
      const { say, clock } = clientOf(a);
      expect(await say({ n: 1 })).toEqual({ by: 'POST', body: { n: 1 } });
      expect(await say({ n: 2 })).toEqual({ by: 'POST', body: { n: 2 } });
      expect(asked).toBe(1);
      clock.advance(limits.gossipUpgradeSeconds * 1000);
      expect(await say({ n: 3 })).toEqual({ by: 'POST', body: { n: 3 } });
      expect(asked).toBe(2);
    });

    it('to a node that switches to something else', async () => {
      await listen((app) => {
        post(app);
        app.get(gossipPath, ({ raw: { socket } }, reply) => {
          reply.hijack();
          socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n');
        });
      });
      expect(await clientOf(a).say({ n: 1 })).toEqual({ by: 'POST', body: { n: 1 } });
    });

    it('until it has been updated', async () => {
      const old = await listen(post, false);
      const { say, clock } = clientOf(a);
      expect(await say({ n: 1 })).toMatchObject({ by: 'POST' });
      const { port } = new URL(organization.devices.get(b.id)?.url ?? '');
      await old.close();
      const server = createDeviceServer({
        tls: () => deviceTlsServer({ identity: b }),
        upgrades: true,
        logger: silentLogger
      });
      answering(async () => 'by channel').routes(server.app);
      post(server.app);
      await server.listen({ host: '127.0.0.1', port: Number(port) });
      open.push(server);
      expect(await say({ n: 2 }).catch(() => say({ n: 2 }))).toMatchObject({ by: 'POST' });
      clock.advance(limits.gossipUpgradeSeconds * 1000);
      expect(await say({ n: 3 })).toBe('by channel');
    });
  });
});
