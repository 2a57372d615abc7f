import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type JobId, type PrinterId, UserGroupId, UserId } from '../../src-preload/contract/ids.ts';
import { systemClock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { MiB } from '../base/limits.ts';
import { silentLogger } from '../base/logger.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { type MeshNode, startNode } from '../mesh/node.ts';
import { createNodeClient } from '../mesh/node-client.ts';
import type { NodeTransport } from '../mesh/ports.ts';
import { createTestOrganization, type TestOrganization } from '../mesh/testing/organization.ts';
import { type ClientJobs, createClientJobs } from './client-jobs.ts';
import { documentOf, never, ticket, until } from './testing/client.ts';

/** Jobs and a cloud node, over real nodes. What goes to the cloud node's address passes a wire that counts. */
const ada = UserId.parse('6f9f1d2e-3c8b-4a44-9a39-222222222222');
const travellers = UserGroupId.parse('6f9f1d2e-3c8b-4a44-9a39-333333333333');
let organization: TestOrganization;
let laptop: DeviceIdentity;
let inside: DeviceIdentity;
let cloud: DeviceIdentity;
let dataDir: string;
let nodes: Map<DeviceIdentity, MeshNode>;
let wire: Awaited<ReturnType<typeof openWire>>;
let jobs: ClientJobs;
let transport: NodeTransport;
let releasing: JobId | undefined;

beforeAll(async () => {
  organization = await createTestOrganization();
  [laptop, inside, cloud] = await Promise.all([
    organization.enroll('laptop', ['client']),
    organization.enroll('inside', ['node']),
    organization.enroll('cloud', ['node'])
  ]);
  organization.update(laptop.id, { owner: ada, ownerName: 'ada' });
}, 60_000);
afterAll(() => organization.close());

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-cloud-'));
  nodes = new Map();
  const ports = { identity: laptop, organization: organization.view(laptop), clock: systemClock, logger: silentLogger };
  wire = await openWire(() => nodes.get(cloud)?.url);
  organization.update(inside.id, { url: null });
  organization.update(cloud.id, { url: wire.url, cloud: true });
  transport = createNodeClient(ports);
  jobs = await createClientJobs({ ...ports, transport, dataDir: join(dataDir, 'laptop') });
});
afterEach(async () => {
  await jobs.close();
  transport.close();
  for (const node of nodes.values()) await node.close();
  await wire.close();
  organization.policy.cloudNodes = 'deny';
  organization.rules.length = 0;
  organization.update(laptop.id, { ownerGroups: [] });
  organization.calls.length = 0;
  await rm(dataDir, { recursive: true, force: true });
});

async function start(identity: DeviceIdentity): Promise<MeshNode> {
  const node = await startNode({
    dataDir: join(dataDir, identity.name),
    host: '127.0.0.1',
    port: 0,
    identity,
    organization: organization.view(identity),
    deliver: {
      release: async ({ replica }) => {
        if (releasing) await replica(releasing);
        throw new LetterlockError('printer-refused');
      }
    },
    clock: systemClock,
    logger: silentLogger
  });
  nodes.set(identity, node);
  if (identity === inside) organization.update(identity.id, { url: node.url });
  return node;
}
function policy(cloudNodes: 'allow' | 'deny') {
  organization.policy.cloudNodes = cloudNodes;
  organization.change();
}
async function print(size = MiB): Promise<JobId> {
  const job = jobs.begin(ticket);
  await jobs.documents(job, documentOf(randomBytes(size)), never);
  return job;
}
const holds = (identity: DeviceIdentity, job: JobId) => nodes.get(identity)?.heldJobs().has(job) ?? false;
const inCloud = async () => [
  ...(await readdir(join(dataDir, 'cloud', 'replicas'))),
  ...(await readdir(join(dataDir, 'cloud', 'staging')))
];

it('denied: nothing is dialled, and a job that could go nowhere else waits on its machine and says why', async () => {
  await start(cloud);
  const job = await print();
  expect(wire.connections).toBe(0);
  expect(jobs.get(job)).toMatchObject({ state: 'held', inOutbox: true, safeToClose: false, holders: [] });
  expect(jobs.get(job)?.why).toMatchObject([{ node: cloud.id, chosen: false, reason: 'outside' }]);

  policy('allow');
  await until(jobs, job, ({ inOutbox }) => !inOutbox);
  expect(holds(cloud, job)).toBe(true);
  expect(wire.connections).toBeGreaterThan(0);
});

it('denied: the guard refuses whatever asks to send something of a job there, before it dials', async () => {
  await start(cloud);
  const sealed = await organization.seal(laptop, randomBytes(1000), { owner: ada });
  const refused = expect.objectContaining({ code: 'policy-refused' });
  expect(() => transport.upload(cloud.id, sealed.origin, never)).toThrow(refused);
  expect(() => transport.upload(cloud.id, sealed.origin, never, { first: 0, size: 1000 })).toThrow(refused);
  await expect(transport.offset(cloud.id, sealed.origin, never)).rejects.toEqual(refused);
  await expect(transport.commit(cloud.id, sealed.job, await sealed.commitFor(cloud))).rejects.toEqual(refused);
  expect(wire.connections).toBe(0);
});

it('denied: a holder neither copies there, nor hands over, nor is made to', async () => {
  await start(cloud);
  const node = await start(inside);
  const job = await print(8 * MiB);
  expect(holds(inside, job)).toBe(true);
  await expect.poll(() => node.membership.member(cloud.id)?.state).toBe('alive');
  await expect(transport.reseal(inside.id, job, cloud.id)).rejects.toMatchObject({ code: 'policy-refused' });
  expect(await node.leaving.leave('told', 20)).toEqual({ made: 0, left: [] });
  expect(await inCloud()).toEqual([]);
  // They say to each other who is there, which is no part of a job.
  await expect.poll(() => wire.connections, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(wire.up).toBeLessThan(MiB);
}, 30_000);

it('allowed: it gets a replica, until it is switched off; then it is emptied and says so', async () => {
  await start(cloud);
  await start(inside);
  policy('allow');
  const job = await print();
  await until(jobs, job, ({ holders }) => holders.length === 2);
  expect([holds(inside, job), holds(cloud, job)]).toEqual([true, true]);

  policy('deny');
  const { body } = await organization.called(/erasures$/);
  const { receipt } = body as { receipt: { payload: string; signer: string } };
  expect(receipt.signer).toBe(cloud.id);
  expect(JSON.parse(Buffer.from(receipt.payload, 'base64url').toString())).toMatchObject({ job, reason: 'outside' });
  expect(await inCloud()).toEqual([]);
  expect(holds(inside, job)).toBe(true);
}, 30_000);

it('switched off, the only replica is given to a node inside first', async () => {
  const away = await start(cloud);
  policy('allow');
  const job = await print();
  expect(holds(cloud, job)).toBe(true);
  await start(inside);
  organization.change();
  await expect.poll(() => away.membership.member(inside.id)?.state, { timeout: 10_000 }).toBe('alive');
  policy('deny');
  await organization.called(/erasures$/);
  expect(await inCloud()).toEqual([]);
  expect(holds(inside, job)).toBe(true);
}, 30_000);

it('switched off, what nobody has taken yet stays sealed there and is not released from there', async () => {
  await start(cloud);
  policy('allow');
  const sealed = await organization.seal(laptop, randomBytes(1000), { owner: ada });
  const upload = transport.upload(cloud.id, sealed.origin, never);
  await upload.write(sealed.blob);
  await upload.end();
  await transport.commit(cloud.id, sealed.job, await sealed.commitFor(cloud));
  releasing = sealed.job;
  const bundle = await sealed.grantFor({
    ...{ node: cloud, printer: '6f9f1d2e-3c8b-4a44-9a39-444444444444' as PrinterId, requestedBy: laptop.id }
  });
  const release = async () => {
    for await (const _event of transport.release(cloud.id, bundle, never));
  };
  await expect(release()).rejects.toMatchObject({ code: 'printer-refused' });
  policy('deny');
  await expect(release()).rejects.toMatchObject({ code: 'policy-refused' });
  expect(holds(cloud, sealed.job)).toBe(true);
});

it('switched off in the middle of a transfer: it breaks off, and nothing stays there', async () => {
  await start(cloud);
  policy('allow');
  const sealed = await organization.seal(laptop, randomBytes(2 * MiB), { owner: ada });
  const upload = transport.upload(cloud.id, sealed.origin, never);
  await upload.write(sealed.blob.subarray(0, MiB));
  policy('deny');
  await expect(upload.write(sealed.blob.subarray(MiB))).rejects.toMatchObject({ code: 'policy-refused' });
  await expect.poll(inCloud).toEqual([]);
});

it('a rule lets the jobs of one group lie there, and of nobody else', async () => {
  await start(cloud);
  organization.rules.push({ id: 'away', words: 'who travels', group: travellers, effects: { cloudNodes: 'allow' } });
  const job = await print();
  expect(jobs.get(job)).toMatchObject({ inOutbox: true });
  expect(wire.connections).toBe(0);
  organization.update(laptop.id, { ownerGroups: [travellers] });
  await until(jobs, job, ({ inOutbox }) => !inOutbox);
  expect(holds(cloud, job)).toBe(true);
});

it('the cloud node itself refuses what a machine sends that does not heed the policy', async () => {
  await start(cloud);
  const sealed = await organization.seal(laptop, randomBytes(1000), { owner: ada });
  // A client of its own mind: its directory says that the node is inside.
  const view = organization.view(laptop);
  const heedless = createNodeClient({
    identity: laptop,
    organization: { ...view, device: (id) => ({ ...view.device(id), cloud: false }) as ReturnType<typeof view.device> },
    clock: systemClock,
    logger: silentLogger
  });
  try {
    const send = async () => {
      const upload = heedless.upload(cloud.id, sealed.origin, never);
      await upload.write(sealed.blob);
      await upload.end();
    };
    await expect(send()).rejects.toMatchObject({ code: 'policy-refused' });
    // Where somebody's jobs may lie there, whose it is shows with the manifest; then what came is thrown away.
    organization.rules.push({ id: 'away', words: 'who travels', group: travellers, effects: { cloudNodes: 'allow' } });
    await send();
    await expect(heedless.commit(cloud.id, sealed.job, await sealed.commitFor(cloud))).rejects.toMatchObject({
      code: 'policy-refused'
    });
    expect(await inCloud()).toEqual([]);
  } finally {
    heedless.close();
  }
});

/** A listener at the cloud node's address, which passes on what comes. */
async function openWire(to: () => string | undefined) {
  const sockets = new Set<Socket>();
  const wire = { connections: 0, up: 0 };
  const server = createServer((from) => {
    wire.connections += 1;
    const url = to();
    if (!url) return from.destroy();
    const there = connect(Number(new URL(url).port), '127.0.0.1');
    for (const socket of [from, there]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        from.destroy();
        there.destroy();
      });
    }
    from.on('data', (chunk) => {
      wire.up += chunk.length;
    });
    from.pipe(there).pipe(from);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(wire, {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      })
  });
}
