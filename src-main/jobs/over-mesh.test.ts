import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { UserId } from '../../src-preload/contract/ids.ts';
import { systemClock } from '../base/clock.ts';
import { MiB } from '../base/limits.ts';
import { silentLogger } from '../base/logger.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { type MeshNode, startNode } from '../mesh/node.ts';
import { createNodeClient } from '../mesh/node-client.ts';
import { createTestOrganization, type TestOrganization } from '../mesh/testing/organization.ts';
import { openManifest } from '../sealing/manifest.ts';
import { type ClientJobs, createClientJobs } from './client-jobs.ts';
import { chunks, documentOf, never, one, ticket, until } from './testing/client.ts';

/** The client's jobs over real nodes: TLS, files, receipts. */
let organization: TestOrganization;
let laptop: DeviceIdentity;
let machines: DeviceIdentity[];
let nodes: Map<string, MeshNode>;
let dataDir: string;
let jobs: ClientJobs;
const open: (() => unknown)[] = [];

beforeAll(async () => {
  organization = await createTestOrganization();
  [laptop, ...machines] = (await Promise.all([
    organization.enroll('laptop', ['client']),
    ...['a', 'b', 'c'].map((name) => organization.enroll(name, ['node']))
  ])) as [DeviceIdentity, ...DeviceIdentity[]];
  organization.update(laptop.id, { owner: UserId.parse('6f9f1d2e-3c8b-4a44-9a39-222222222222'), ownerName: 'ada' });
}, 60_000);
afterAll(() => organization.close());

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-over-mesh-'));
  nodes = new Map();
  for (const machine of machines) await startMachine(machine);
  const view = organization.view(laptop);
  const ports = { identity: laptop, organization: view, clock: systemClock, logger: silentLogger };
  const transport = createNodeClient(ports);
  jobs = await createClientJobs({ ...ports, transport, dataDir: join(dataDir, 'laptop') });
  open.push(() => transport.close());
});
afterEach(async () => {
  await jobs.close();
  for (const close of open.splice(0)) close();
  for (const node of nodes.values()) await node.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function startMachine(machine: DeviceIdentity): Promise<void> {
  const node = await startNode({
    dataDir: join(dataDir, machine.name),
    host: '127.0.0.1',
    port: 0,
    identity: machine,
    organization: organization.view(machine),
    deliver: { release: () => Promise.reject(new Error('not here')) },
    clock: systemClock,
    logger: silentLogger
  });
  nodes.set(machine.name, node);
  organization.update(machine.id, { url: node.url });
}
async function stop(machine: DeviceIdentity): Promise<void> {
  await nodes.get(machine.name)?.close();
  nodes.delete(machine.name);
}
const holding = (job: JobId) => machines.filter(({ name }) => nodes.get(name)?.heldJobs().has(job));

async function expectWhole(job: JobId, size: number): Promise<void> {
  const holders = holding(job);
  expect(holders).toHaveLength(2);
  for (const { name } of holders) {
    const folder = join(dataDir, name, 'replicas', job);
    const { manifest } = JSON.parse(await readFile(join(folder, 'envelope.json'), 'utf8'));
    const { sha256, size: said } = openManifest(manifest, laptop.signing.publicKey);
    expect(said).toBe(size);
    expect(
      createHash('sha256')
        .update(await readFile(join(folder, 'blob')))
        .digest('base64url')
    ).toBe(sha256);
    expect(await readdir(join(dataDir, name, 'staging'))).toEqual([]);
  }
}

it('a document goes to two nodes while it is being sealed', async () => {
  const job = jobs.begin(ticket);
  const document = randomBytes(5 * MiB + 3);
  await jobs.documents(job, documentOf(document.subarray(0, MiB), document.subarray(MiB)), never);
  expect(jobs.get(job)).toMatchObject({ state: 'held', safeToClose: true, size: document.length });
  await expectWhole(job, document.length);
});

it('many documents at once, more than there are turns', async () => {
  const printed = await Promise.all(
    Array.from({ length: 30 }, async (_, index) => {
      const job = jobs.begin(ticket);
      await jobs.documents(job, documentOf(randomBytes(1000 * index)), never);
      return { job, size: 1000 * index };
    })
  );
  // On a busy machine no node may answer in time: then a job goes by way of the outbox, and is on its way still.
  await Promise.all(printed.map(({ job }) => until(jobs, job, ({ holders }) => holders.length === 2)));
  for (const { job, size } of printed) await expectWhole(job, size);
});

it('a node that goes away in the middle is replaced by the third', async () => {
  const job = jobs.begin(ticket);
  async function* document() {
    yield randomBytes(3 * MiB);
    const staging = await Promise.all(machines.map(({ name }) => readdir(join(dataDir, name, 'staging'))));
    const victim = machines[staging.findIndex((staged) => staged.length > 0)];
    if (victim) await stop(victim);
    yield randomBytes(3 * MiB);
  }
  await jobs.documents(job, one(document()), never);
  await until(jobs, job, ({ holders }) => holders.length === 2);
  await expectWhole(job, 6 * MiB);
});

it('documents that come one by one go to two nodes together', async () => {
  const job = jobs.begin(ticket);
  async function* documents() {
    for (const size of [2 * MiB, 0, 100])
      yield { format: 'application/pdf', content: chunks(randomBytes(size)), last: size === 100 };
  }
  await jobs.documents(job, documents(), never);
  expect(await until(jobs, job, ({ safeToClose }) => safeToClose)).toMatchObject({ state: 'held', documents: 3 });
  await expectWhole(job, 2 * MiB + 100);
});

it('with no node a job waits in the outbox and leaves when one returns', async () => {
  for (const machine of machines) await stop(machine);
  const job = jobs.begin(ticket);
  await jobs.documents(job, documentOf(randomBytes(2 * MiB)), never);
  expect(jobs.get(job)).toMatchObject({ state: 'held', inOutbox: true });
  for (const machine of machines) await startMachine(machine);
  await until(jobs, job, ({ safeToClose }) => safeToClose);
  await expectWhole(job, 2 * MiB);
});

it('a canceled document leaves nothing on any node', async () => {
  const job = jobs.begin(ticket);
  const stopping = new AbortController();
  async function* document() {
    yield randomBytes(3 * MiB);
    stopping.abort();
    yield randomBytes(3 * MiB);
  }
  await expect(jobs.documents(job, one(document()), stopping.signal)).rejects.toMatchObject({
    code: 'upload-truncated'
  });
  const staged = () => Promise.all(machines.map(({ name }) => readdir(join(dataDir, name, 'staging'))));
  await expect.poll(async () => (await staged()).flat()).toEqual([]);
  expect(holding(job)).toEqual([]);
});
