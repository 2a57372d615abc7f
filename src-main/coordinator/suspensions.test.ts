import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { JobId, PrinterId } from '../../src-preload/contract/index.ts';
import { sealingKey } from '../identity/keys.ts';
import { openStatement } from '../identity/signed-statement.ts';
import { Grant, GrantBundle, Session, SessionJob } from '../protocol/device-api.ts';
import { openJobPart, organizationPart } from '../sealing/release-parts.ts';
import { unwrapContentKey } from '../sealing/sealed-key.ts';
import { openCoordinatorStore } from '../storage/coordinator-store.ts';
import { actor, createRig, printerCertificate, type Rig, sealJob, type TestDevice, until } from './testing/rig.ts';

const none = z.object({});
const pin = '4711';
const everywhere = { organization: 'organization', node: 'node', job: 'job' } as const;

let rig: Rig;
let client: TestDevice;
let station: TestDevice;
let nodes: [TestDevice, TestDevice];
let printer: PrinterId;

beforeAll(async () => {
  rig = await createRig();
  const { handlers } = rig.coordinator;
  await handlers['admin.user.add']({ name: 'Ada', pin }, actor);
  const address = { name: 'Hall', uri: 'ipps://printer.example/ipp/print', location: '' };
  printer = (await handlers['admin.printer.add'](address, actor)).id;
  const approval = { id: printer, certificateSha256: printerCertificate, grade: 'ipps-required' } as const;
  await handlers['admin.printer.approve'](approval, actor);
  client = await rig.pair('laptop', ['client'], 'ada');
  station = await rig.pair('kiosk', ['station']);
  nodes = [await rig.pair('node a', ['node']), await rig.pair('node b', ['node'])];
  await until(client.organization, () => nodes.every((node) => client.organization.device(node.id)));
}, 120_000);
afterAll(() => rig.close());

async function register() {
  const job = await sealJob({ client, nodes, now: rig.clock.now() });
  await client.organization.call('/v1/jobs', job.request, none);
  return job;
}
const signIn = async (at: TestDevice) =>
  (await at.organization.call('/v1/sessions', { user: 'Ada', pin }, Session)).session;
async function claim(job: JobId, node: TestDevice, at: TestDevice = station) {
  const body = { session: await signIn(at), job, printer, node: node.id };
  return at.organization.call('/v1/grants', body, GrantBundle);
}
const grantOf = ({ grant: signed }: GrantBundle) => {
  const publicKey = Buffer.from(client.identity.enrollment.coordinator.signing, 'base64url');
  const code = 'grant-invalid' as const;
  return openStatement({ kind: 'grant', signed, publicKey, schema: Grant, maxBytes: 4096, code });
};
const start = (bundle: GrantBundle, node: TestDevice) =>
  node.organization.call(`/v1/grants/${grantOf(bundle).id}/start`, {}, none);
const fail = (bundle: GrantBundle, node: TestDevice) =>
  node.organization.call(`/v1/grants/${grantOf(bundle).id}/outcome`, { result: 'failed', code: 'internal' }, none);
const titleKey = async (job: JobId) => {
  const body = { session: await signIn(station) };
  const { jobs } = await station.organization.call('/v1/sessions/jobs', body, z.object({ jobs: z.array(SessionJob) }));
  return jobs.find(({ id }) => id === job)?.metadataKey;
};
const refused = (code: string, detail?: string) => expect.objectContaining({ code, ...(detail && { detail }) });

test('while the organization is suspended nobody is given anything, and jobs go on being held', async () => {
  const { handlers } = rig.coordinator;
  const [before, granted] = [await register(), await register()];
  const bundle = await claim(granted.id, nodes[0]);
  await handlers['admin.key.suspend']({ suspended: true }, actor);
  expect(await handlers['admin.key.status']({}, actor)).toMatchObject({ suspended: expect.any(String) });

  const meanwhile = await register();
  for (const job of [before, meanwhile])
    for (const at of [station, client])
      for (const node of nodes)
        await expect(claim(job.id, node, at)).rejects.toEqual(refused('suspended', everywhere.organization));
  await expect(start(bundle, nodes[0])).rejects.toEqual(refused('suspended', everywhere.organization));
  expect(await titleKey(before.id)).toBeNull();
  await rig.restart();
  for (const device of [client, station, ...nodes])
    await until(device.organization, () => device.organization.online().has(device.id));
  await expect(claim(before.id, nodes[0])).rejects.toEqual(refused('suspended', everywhere.organization));

  await rig.coordinator.handlers['admin.key.suspend']({ suspended: false }, actor);
  for (const job of [before, meanwhile]) await fail(await claim(job.id, nodes[0]), nodes[0]);
  expect(await titleKey(before.id)).not.toBeNull();
});

test('with every key in hand but the release key, a job of a suspended organization does not open', async () => {
  const job = await register();
  const store = await openCoordinatorStore(join(rig.dataDir, 'coordinator.db'));
  const keyFile = async (name: string) => new Uint8Array(await readFile(join(rig.dataDir, 'keys', name)));
  const coordinator = { id: client.identity.enrollment.coordinator.id, key: sealingKey(await keyFile('sealing.key')) };
  if (!job.request.jobPart) throw new Error('no job part');
  const jobPart = await openJobPart(job.request.jobPart, { job: job.id, custodian: coordinator });
  const wrapped = await store.tables.releaseKeys.wrappedPrivateKey(job.manifest.releaseKeyEpoch);
  await store.close();
  const inHand = [coordinator.key, client.identity.sealing, station.identity.sealing].concat(
    nodes.map(({ identity }) => identity.sealing)
  );
  const guesses = [new Uint8Array(32), jobPart, wrapped?.subarray(0, 32), wrapped?.subarray(12, 44)]
    .concat(await Promise.all(['master.key', 'custody.key'].map(keyFile)))
    .concat(await Promise.all(inHand.map((key) => organizationPart(key, job.manifest))));
  for (const guess of guesses)
    expect(() => unwrapContentKey(job.wrapped, { jobPart, organizationPart: guess ?? jobPart }, job.id)).toThrow();
});

test('a suspended job stays where it is, and only it', async () => {
  const { handlers } = rig.coordinator;
  const [job, other] = [await register(), await register()];
  await handlers['admin.job.suspend']({ id: job.id, suspended: true }, actor);
  for (const node of nodes)
    for (const at of [station, client])
      await expect(claim(job.id, node, at)).rejects.toEqual(refused('suspended', everywhere.job));
  expect(await titleKey(job.id)).toBeNull();
  const listed = (await handlers['admin.job.list']({}, actor)).filter(({ suspended }) => suspended);
  expect(listed.map(({ id, state }) => [id, state])).toEqual([[job.id, 'held']]);
  await fail(await claim(other.id, nodes[0]), nodes[0]);

  await handlers['admin.job.suspend']({ id: job.id, suspended: false }, actor);
  const bundle = await claim(job.id, nodes[0]);
  await handlers['admin.job.suspend']({ id: job.id, suspended: true }, actor);
  await expect(start(bundle, nodes[0])).rejects.toEqual(refused('suspended', everywhere.job));
  await handlers['admin.job.cancel']({ id: job.id }, actor);
});

test('a suspended node is cut off, trusted by nobody and given nothing until it is resumed', async () => {
  const { handlers } = rig.coordinator;
  const job = await register();
  const [node] = nodes;
  const gone = until(node.organization, () => !node.organization.connected());
  const told = until(client.organization, () => client.organization.device(node.id) === undefined);
  await handlers['admin.device.suspend']({ id: node.id, suspended: true }, actor);
  await Promise.all([gone, told]);
  await expect(node.organization.call('/v1/presence', { url: null }, none)).rejects.toEqual(
    refused('device-not-approved')
  );
  await expect(claim(job.id, node)).rejects.toEqual(refused('suspended', everywhere.node));
  const views = await handlers['admin.device.list']({}, actor);
  expect(views.find(({ id }) => id === node.id)).toMatchObject({ status: 'suspended', online: false });
  await fail(await claim(job.id, nodes[1]), nodes[1]);

  const back = until(client.organization, () => client.organization.online().has(node.id));
  await handlers['admin.device.suspend']({ id: node.id, suspended: false }, actor);
  node.organization.close();
  await node.reconnect();
  await back;
  const bundle = await claim(job.id, node);
  await start(bundle, node);
});

test('each word of it is in the log once', async () => {
  const rows = await rig.coordinator.handlers['admin.audit.list']({ after: 0, limit: 1000 }, actor);
  const told = rows.map(({ action }) => action).filter((action) => /suspended|resumed/.test(action));
  expect(told).toEqual([
    'organization.suspended',
    'organization.resumed',
    'job.suspended',
    'job.resumed',
    'job.suspended',
    'device.suspended',
    'device.resumed'
  ]);
});
