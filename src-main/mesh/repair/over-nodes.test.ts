import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { JobId } from '../../../src-preload/contract/ids.ts';
import { isoTime, systemClock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { MiB } from '../../base/limits.ts';
import { silentLogger } from '../../base/logger.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import { type Signed, signStatement } from '../../identity/signed-statement.ts';
import { Envelope } from '../envelope.ts';
import { type MeshNode, startNode } from '../node.ts';
import { createNodeClient } from '../node-client.ts';
import type { NodeTransport } from '../ports.ts';
import { createTestOrganization, type SealedTestJob, type TestOrganization } from '../testing/organization.ts';
import { createCopying } from './copying.ts';
import { createPace } from './pace.ts';

/** Repair between real nodes on loopback: their disks, their TLS, their routes. */
let organization: TestOrganization;
let identities: { client: DeviceIdentity; a: DeviceIdentity; b: DeviceIdentity };
let dataDir: string;
const opened: { close(): unknown }[] = [];
const { signal } = new AbortController();

beforeAll(async () => {
  organization = await createTestOrganization();
  const [client, a, b] = await Promise.all([
    organization.enroll('laptop', ['client']),
    organization.enroll('a', ['node']),
    organization.enroll('b', ['node'])
  ]);
  identities = { client, a, b };
}, 60_000);
afterAll(() => organization.close());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-repair-'));
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  organization.coordinatorState.connected = true;
  organization.coordinatorState.answer = () => ({});
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
    deliver: { release: () => Promise.reject(new LetterlockError('printer-refused')) },
    clock: systemClock,
    logger: silentLogger
  });
  opened.push(node);
  organization.update(identity.id, { url: node.url });
  return node;
}
function transportOf(identity: DeviceIdentity): NodeTransport {
  const view = organization.view(identity);
  const transport = createNodeClient({ identity, organization: view, clock: systemClock, logger: silentLogger });
  opened.push(transport);
  return transport;
}
async function store(sealed: SealedTestJob, on: DeviceIdentity): Promise<Signed> {
  const transport = transportOf(identities.client);
  const upload = transport.upload(on.id, sealed.origin, signal);
  await upload.write(sealed.blob);
  await upload.end();
  return transport.commit(on.id, sealed.job, await sealed.commitFor(on));
}
const orderFor = (job: JobId): Promise<Signed> =>
  signStatement(
    'erase',
    { job, reason: 'canceled', at: isoTime(Date.now()) },
    { id: organization.coordinator.id, key: organization.coordinator.signing }
  );
const folderOf = (identity: DeviceIdentity, job: JobId) => join(dataDir, identity.name, 'replicas', job);

it('a copy that breaks goes on at the byte where it broke', async () => {
  await start(identities.a);
  const b = await start(identities.b);
  const sealed = await organization.seal(identities.client, randomBytes(9 * MiB));
  await store(sealed, identities.a);
  const folder = folderOf(identities.a, sealed.job);
  const { manifest, metadata, sealedKey } = Envelope.parse(
    JSON.parse(await readFile(join(folder, 'envelope.json'), 'utf8'))
  );
  const transport = transportOf(identities.a);
  const begun: number[] = [];
  const copy = createCopying({
    identity: identities.a,
    organization: organization.view(identities.a),
    replica: async (job) => ({ job, manifest, metadata, sealedKey, openBlob: () => open(join(folder, 'blob')) }),
    transport: {
      ...transport,
      upload(node, job, aborted, range) {
        begun.push(range?.first ?? -1);
        const upload = transport.upload(node, job, aborted, range);
        let left = begun.length < 3 ? 4 : Number.POSITIVE_INFINITY;
        return {
          ...upload,
          write(chunk) {
            left -= 1;
            if (left === 0) upload.abort(new LetterlockError('node-unreachable', 'the cable'));
            return upload.write(chunk);
          }
        };
      }
    },
    pace: createPace({ clock: systemClock }),
    clock: systemClock
  });
  await copy(sealed.job, identities.b.id, signal);
  expect(b.heldJobs().has(sealed.job)).toBe(true);
  expect(sealed.blob.equals(await readFile(join(folderOf(identities.b, sealed.job), 'blob')))).toBe(true);
  expect(begun[0]).toBe(0);
  expect(begun).toHaveLength(3);
  expect(begun[1]).toBeGreaterThan(0);
  expect(begun[2]).toBeGreaterThan(begun[1] ?? 0);
}, 60_000);

it('an order to erase counts from any node, if the coordinator signed it, and is shown to others ever after', async () => {
  const a = await start(identities.a);
  const sealed = await organization.seal(identities.client, randomBytes(1000));
  await store(sealed, identities.a);
  const transport = transportOf(identities.b);
  const say = (order: Signed) =>
    transport.sync(
      identities.a.id,
      { v: 1, type: 'jobs', jobs: [{ job: sealed.job, held: false, receipts: [], order }] },
      signal
    );
  const order = await orderFor(sealed.job);
  await say({ ...order, signature: 'A'.repeat(86) });
  await say(
    await signStatement('erase', JSON.parse(Buffer.from(order.payload, 'base64url').toString()), {
      id: identities.b.id,
      key: identities.b.signing
    })
  );
  expect(a.heldJobs().has(sealed.job)).toBe(true);

  await say(order);
  expect(a.heldJobs().has(sealed.job)).toBe(false);
  await expect(store(sealed, identities.a)).rejects.toMatchObject({ code: 'conflict' });
  await organization.called(/erasures$/);
  await a.close();
  await start(identities.a);
  const answer = await transport.sync(
    identities.a.id,
    { v: 1, type: 'jobs', jobs: [{ job: sealed.job, held: true, receipts: [], order: null }] },
    signal
  );
  expect(answer).toMatchObject({ type: 'jobs', jobs: [{ held: false, order }] });
});

it('an order for a job that is not here is kept for those who ask, across a restart, and nothing is reported', async () => {
  const a = await start(identities.a);
  const transport = transportOf(identities.b);
  const job = JobId.parse(randomUUID());
  const order = await orderFor(job);
  const statement = { job, held: false, receipts: [], order };
  await transport.sync(identities.a.id, { v: 1, type: 'jobs', jobs: [statement] }, signal);
  await a.close();
  await start(identities.a);
  const ask = { v: 1, type: 'jobs', jobs: [{ ...statement, order: null }] } as const;
  expect(await transport.sync(identities.a.id, { ...ask, jobs: [...ask.jobs] }, signal)).toMatchObject({
    jobs: [{ order }]
  });
  expect(organization.calls.filter(({ path }) => path === '/v1/erasures')).toEqual([]);
});

it('only nodes take part; receipts from a client are checked and kept beside the replica', async () => {
  await start(identities.a);
  await start(identities.b);
  const sealed = await organization.seal(identities.client, randomBytes(1000));
  const receipts = [await store(sealed, identities.a), await store(sealed, identities.b)];
  const client = transportOf(identities.client);
  await expect(client.sync(identities.a.id, { v: 1, type: 'jobs', jobs: [] }, signal)).rejects.toMatchObject({
    code: 'not-allowed'
  });
  await client.tellHolders(identities.a.id, sealed.job, receipts);
  const kept = JSON.parse(await readFile(join(folderOf(identities.a, sealed.job), 'upkeep.json'), 'utf8'));
  expect(kept.receipts.map(({ signer }: Signed) => signer).sort()).toEqual([identities.a.id, identities.b.id].sort());
});

it('a node that comes back refuses to release and to pass on until somebody says what was erased', async () => {
  const first = await start(identities.a);
  const sealed = await organization.seal(identities.client, randomBytes(1000));
  await store(sealed, identities.a);
  await first.close();
  organization.coordinatorState.connected = false;
  await start(identities.a);
  const transport = transportOf(identities.client);
  await expect(transport.reseal(identities.a.id, sealed.job, identities.b.id)).rejects.toMatchObject({
    code: 'node-reconciling'
  });
  const bundle = await sealed.grantFor({
    node: identities.a,
    printer: randomUUID() as never,
    requestedBy: identities.client.id
  });
  const release = async () => {
    for await (const _event of transport.release(identities.a.id, bundle, signal));
  };
  await expect(release()).rejects.toMatchObject({ code: 'node-reconciling' });

  organization.coordinatorState.connected = true;
  const called = organization.called(/outstanding$/);
  organization.change();
  await called;
  await expect(release()).rejects.toMatchObject({ code: 'printer-refused' });
});
