import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import { systemClock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { silentLogger } from '../../base/logger.ts';
import { createTestClock } from '../../base/testing/clock.ts';
import { deviceAgent } from '../../identity/device-agent.ts';
import { request } from '../../identity/device-http.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import { type MeshNode, type NodeOptions, startNode } from '../node.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organization.ts';
import { createAddresses } from './addresses.ts';
import { whoIsThere } from './who-is-there.ts';

/** Real nodes with real certificates, on loopback. */
let organization: TestOrganization;
let dataDir: string;
let a: DeviceIdentity;
let b: DeviceIdentity;
let c: DeviceIdentity;
let client: DeviceIdentity;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  organization = await createTestOrganization();
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-gossip-'));
  [a, b, c, client] = await Promise.all([
    organization.enroll('a', ['node']),
    organization.enroll('b', ['node']),
    organization.enroll('c', ['node']),
    organization.enroll('laptop', ['client'])
  ]);
}, 60_000);
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  for (const { id } of [a, b, c]) organization.update(id, { url: null, status: 'approved' });
});
afterAll(async () => {
  await organization.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(identity: DeviceIdentity, options: Partial<NodeOptions> = {}): Promise<MeshNode> {
  const node = await startNode({
    ...{ dataDir: join(dataDir, identity.name), host: '127.0.0.1', port: 0, identity },
    organization: organization.view(identity),
    deliver: { release: () => Promise.reject(new Error('not here')) },
    ...{ clock: systemClock, logger: silentLogger },
    ...options
  });
  open.push(node);
  return node;
}
async function announced(identity: DeviceIdentity): Promise<MeshNode> {
  const node = await start(identity);
  organization.update(identity.id, { url: node.url });
  return node;
}
/** Resolves when `node` knows `id` in this state. */
const known = (node: MeshNode, id: DeviceId, state: string): Promise<void> =>
  new Promise((resolve) => {
    const look = () => node.membership.member(id)?.state === state && resolve();
    node.membership.onChange(look);
    look();
  });
const callOf = (identity: DeviceIdentity, to: DeviceIdentity, node: MeshNode) => {
  const agent = deviceAgent({ identity, expect: to.id, maxSockets: 2 });
  open.push({ close: () => agent.destroy() });
  const path = '/v1/mesh/gossip';
  return (body: unknown) =>
    request({ agent, url: node.url, path, body, schema: z.unknown(), unreachable: 'node-unreachable' });
};
const say = (identity: DeviceIdentity, to: DeviceIdentity, node: MeshNode, body: unknown) =>
  callOf(identity, to, node)(body);
const ping = { v: 1, type: 'ping', updates: [] };

describe('nodes', () => {
  it('find each other by the directory, notice a goodbye and a return', async () => {
    const [first, second, third] = [await announced(a), await announced(b), await announced(c)];
    await Promise.all([known(first, b.id, 'alive'), known(second, c.id, 'alive'), known(third, a.id, 'alive')]);
    await second.close();
    await Promise.all([known(first, b.id, 'left'), known(third, b.id, 'left')]);
    await announced(b);
    await known(first, b.id, 'alive');
  }, 30_000);

  it('find one whose address in the directory is wrong by an address that was given or found', async () => {
    const first = await announced(a);
    await start(b, { fixedPeers: [first.url] }).then((node) => known(node, a.id, 'alive'));
    organization.update(c.id, { url: 'https://127.0.0.1:1' });
    const third = await start(c);
    first.addresses.found(c.id, third.url);
    await known(first, c.id, 'alive');
  }, 30_000);

  it('never take somebody else for the one they look for', async () => {
    const first = await announced(a);
    const second = await start(b);
    expect(await whoIsThere(second.url, a)).toBe(b.id);
    // Somebody on the link says that c is where b listens.
    first.addresses.found(c.id, second.url);
    organization.update(c.id, { url: second.url });
    await known(first, b.id, 'alive');
    expect(first.membership.member(c.id)).toBeUndefined();
  }, 30_000);
});

describe('the route', () => {
  it('answers nodes only, and only while they are approved', async () => {
    const node = await announced(a);
    await expect(say(client, a, node, ping)).rejects.toMatchObject({ code: 'not-allowed' });
    expect(await say(b, a, node, ping)).toMatchObject({ v: 1, type: 'ack' });
    organization.update(b.id, { status: 'revoked' });
    await expect(say(b, a, node, ping)).rejects.toMatchObject({ code: 'device-not-approved' });
  });

  it('refuses what is no message, too large, forged, or too much', async () => {
    // Its time stands, so that nothing is forgiven meanwhile.
    const node = await start(a, { clock: createTestClock() });
    await expect(say(b, a, node, { v: 1, type: 'ping', updates: 'x' })).rejects.toMatchObject({
      code: 'input-invalid'
    });
    const huge = { ...ping, padding: 'x'.repeat(limits.gossip) };
    await expect(say(b, a, node, huge)).rejects.toMatchObject({ code: 'too-large' });
    const forged = { kind: 'member', payload: 'e30', signer: c.id, signature: 'A'.repeat(86) };
    await expect(say(b, a, node, { ...ping, updates: [forged] })).rejects.toMatchObject({ code: 'input-invalid' });
    const call = callOf(b, a, node);
    const answers: unknown[] = [];
    for (let times = 0; times < limits.gossipBurst + 10; times += 1) {
      answers.push(await call(ping).catch((error: { code: string }) => error.code));
    }
    expect(answers.filter((answer) => answer === 'rate-limited').length).toBeGreaterThanOrEqual(10);
    // Others are heard all the same.
    expect(await say(c, a, node, ping)).toMatchObject({ type: 'ack' });
  }, 30_000);
});

it('an address that fails makes room for the next one, and strangers leave none behind', () => {
  organization.update(b.id, { url: 'https://one:1' });
  const addresses = createAddresses(organization.view(a));
  addresses.found(b.id, 'https://two:2');
  addresses.found(client.id, 'https://three:3');
  expect(addresses.of(b.id)).toBe('https://one:1');
  addresses.failed(b.id, 'https://one:1');
  expect(addresses.of(b.id)).toBe('https://two:2');
  addresses.failed(b.id, 'https://two:2');
  expect(addresses.of(b.id)).toBe('https://one:1');
  addresses.failed(b.id, 'https://one:1');
  addresses.lost(b.id, 'https://two:2');
  expect(addresses.of(b.id)).toBe('https://one:1');
  expect(addresses.of(client.id)).toBeUndefined();
});
