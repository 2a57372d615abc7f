import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { JobId, PrinterId, UserId } from '../../src-preload/contract/index.ts';
import { generateSigningKey, signingKey } from '../identity/keys.ts';
import { openStatement, Signed, signStatement } from '../identity/signed-statement.ts';
import { type EraseOrder, ErasureReceipt, Grant, GrantBundle, Session, SessionJob } from '../protocol/device-api.ts';
import { openMetadata, openMetadataKey } from '../sealing/metadata.ts';
import { openReleaseParts } from '../sealing/release-parts.ts';
import { openSqlite } from '../storage/sqlite.ts';
import {
  actor,
  createRig,
  holdingReceipt,
  jobEvent,
  printerCertificate,
  type Rig,
  sealJob,
  type TestDevice,
  until
} from './testing/rig.ts';

const none = z.object({});
const pin = '4711';

let rig: Rig;
let client: TestDevice;
let station: TestDevice;
let nodes: [TestDevice, TestDevice];
let printer: PrinterId;
let ada: UserId;

beforeAll(async () => {
  rig = await createRig();
  const { handlers } = rig.coordinator;
  ada = (await handlers['admin.user.add']({ name: 'Ada', pin }, actor)).id;
  await handlers['admin.user.add']({ name: 'Bob', pin: '7304' }, actor);
  const added = await handlers['admin.printer.add'](
    { name: 'Hall', uri: 'ipps://printer.example/ipp/print', location: '' },
    actor
  );
  printer = added.id;
  const approval = { id: printer, certificateSha256: printerCertificate, grade: 'ipps-required' } as const;
  await handlers['admin.printer.approve'](approval, actor);
  client = await rig.pair('laptop', ['client'], 'ada');
  station = await rig.pair('kiosk', ['station']);
  nodes = [await rig.pair('node a', ['node']), await rig.pair('node b', ['node'])];
  await until(client.organization, () => nodes.every((node) => client.organization.device(node.id)));
}, 120_000);
afterAll(() => rig.close());

async function register(holders: readonly TestDevice[] = nodes) {
  const job = await sealJob({ client, nodes: holders, now: rig.clock.now() });
  await client.organization.call('/v1/jobs', job.request, none);
  return job;
}
const signIn = async (user = 'Ada', code = pin, at = station): Promise<string> =>
  (await at.organization.call('/v1/sessions', { user, pin: code }, Session)).session;

async function claim(job: JobId, change: object = {}, at = station, session?: string) {
  const body = { session: session ?? (await signIn()), job, printer, node: nodes[0].id, ...change };
  const bundle = await at.organization.call('/v1/grants', body, GrantBundle);
  const { coordinator } = client.identity.enrollment;
  const publicKey = Buffer.from(coordinator.signing, 'base64url');
  const grant = openStatement({
    kind: 'grant',
    signed: bundle.grant,
    publicKey,
    schema: Grant,
    maxBytes: 4096,
    code: 'grant-invalid'
  });
  return { bundle, grant };
}
const start = (grant: { id: string }, node = nodes[0]) =>
  node.organization.call(`/v1/grants/${grant.id}/start`, {}, none);
const report = (grant: { id: string }, result: string, extra: object = {}, node = nodes[0]) =>
  node.organization.call(`/v1/grants/${grant.id}/outcome`, { result, ...extra }, none);
const stateOf = async (job: JobId) =>
  (await rig.coordinator.handlers['admin.job.list']({}, actor)).find(({ id }) => id === job)?.state;
const refused = (code: string) => expect.objectContaining({ code });

describe('a job', () => {
  test('goes from the client to the printer, and nothing is left of it', async () => {
    const job = await register();
    const session = await signIn();
    const { jobs } = await station.organization.call(
      '/v1/sessions/jobs',
      { session },
      z.object({ jobs: z.array(SessionJob) })
    );
    const listed = jobs.find(({ id }) => id === job.id);
    expect(listed).toMatchObject({ state: 'held', size: 5, holders: nodes.map(({ id }) => id).sort() });

    // The title opens at the station and nowhere on the way.
    if (!listed?.metadataKey) throw new Error('no metadata key');
    const reader = { id: station.id, key: station.identity.sealing };
    const metadataKey = await openMetadataKey(listed.metadataKey, { job: job.id, reader });
    expect(openMetadata(job.metadata, metadataKey, job.manifest).title).toBe('Offer to the Ministry');

    const { bundle, grant } = await claim(job.id, {}, station, session);
    expect(grant).toMatchObject({ fence: 1, node: nodes[0].id, printer, user: ada, requestedBy: station.id });
    const to = { job: job.id, grant: grant.id };
    const parts = await openReleaseParts(bundle.parts, {
      ...to,
      node: { id: nodes[0].id, key: nodes[0].identity.sealing }
    });
    expect([parts.jobPart.length, parts.organizationPart.length]).toEqual([32, 32]);
    const other = { id: nodes[1].id, key: nodes[1].identity.sealing };
    await expect(openReleaseParts(bundle.parts, { ...to, node: other })).rejects.toThrow();

    await start(grant);
    expect(await stateOf(job.id)).toBe('printing');
    await report(grant, 'delivered', { printerJob: 7 });
    const erase = nodes.map(
      (node) =>
        new Promise<EraseOrder>((resolve) => {
          node.organization.onErase((order) => order.job === job.id && resolve(order));
        })
    );
    await report(grant, 'completed');
    await report(grant, 'completed');
    expect(await stateOf(job.id)).toBe('completed');
    for (const order of await Promise.all(erase)) expect(order.reason).toBe('completed');

    const sqlite = openSqlite(join(rig.dataDir, 'coordinator.db'));
    expect(sqlite.prepare('select * from job_part where job = ?').all([job.id])).toEqual([]);
    sqlite.close();
    const files = await readdir(rig.dataDir, { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))) {
      const content = await readFile(join(file.parentPath, file.name));
      expect(content.includes('Ministry')).toBe(false);
    }

    for (const node of nodes) {
      const erased = { job: job.id, node: node.id, reason: 'completed', at: new Date().toISOString() };
      const receipt = await signStatement('erasure', erased, { id: node.id, key: node.identity.signing });
      await node.organization.call('/v1/erasures', { receipt }, none);
    }
    const shown = await rig.coordinator.handlers['admin.job.show']({ id: job.id }, actor);
    expect(shown).toMatchObject({ state: 'completed', custody: 'standard', holders: [] });
    expect(shown.erasures.map(({ node, valid }) => [node, valid])).toEqual(nodes.map(({ id }) => [id, true]));

    // The log alone proves it: key and receipt both stand in it.
    const rows = await rig.coordinator.handlers['admin.audit.list']({ after: 0, limit: 1000 }, actor);
    for (const { detail } of rows.filter(({ subject, action }) => subject === job.id && action === 'job.erased')) {
      const { node, payload, signature } = detail as Record<string, string>;
      const approved = rows.find(({ subject, action }) => subject === node && action === 'device.approved');
      const publicKey = Buffer.from(String(approved?.detail.signing), 'base64url');
      const signed = Signed.parse({ kind: 'erasure', signer: node, payload, signature });
      const statement = { kind: 'erasure', signed, publicKey, schema: ErasureReceipt, maxBytes: 4096 } as const;
      expect(openStatement({ ...statement, code: 'input-invalid' }).job).toBe(job.id);
    }
    const told = rows.filter(({ subject }) => subject === job.id).map(({ action }) => action);
    expect(told).toEqual([
      'job.registered',
      'job.replicated',
      'job.replicated',
      'job.released',
      'job.printing',
      'job.completed',
      'job-part.destroyed',
      'job.erased',
      'job.erased'
    ]);
    await expect(claim(job.id)).rejects.toEqual(refused('job-already-released'));
    await expect(start(grant)).rejects.toEqual(refused('grant-used'));
  });

  test('is registered once, however often it is said, and takes further replicas', async () => {
    const job = await register([nodes[0]]);
    await client.organization.call('/v1/jobs', job.request, none);
    const told = jobEvent(client, job.id, ({ holders }) => holders.length === 2);
    const receipt = await holdingReceipt(nodes[1], job.manifest);
    await nodes[1].organization.call(`/v1/jobs/${job.id}/holders`, { receipt }, none);
    expect((await told).state).toBe('held');
  });

  test('is canceled by the machine that printed it or by its owner, by nobody else', async () => {
    const job = await register();
    const path = `/v1/jobs/${job.id}/cancel`;
    const bob = await signIn('Bob', '7304');
    await expect(station.organization.call(path, { session: bob }, none)).rejects.toEqual(refused('not-allowed'));
    await expect(station.organization.call(path, {}, none)).rejects.toEqual(refused('not-allowed'));
    await station.organization.call(path, { session: await signIn() }, none);
    await client.organization.call(path, {}, none);
    expect(await stateOf(job.id)).toBe('canceled');
    await expect(claim(job.id)).rejects.toEqual(refused('job-not-releasable'));
  });

  test('ends by itself when it was held for as long as it may be', async () => {
    const job = await register();
    const told = jobEvent(client, job.id, ({ state }) => state === 'expired');
    rig.clock.advance(24 * 3600 * 1000 + 1);
    await told;
    await expect(claim(job.id)).rejects.toEqual(refused('job-expired'));
  });

  test('is refused when its key was destroyed, for good', async () => {
    const job = await register();
    const epoch = job.manifest.releaseKeyEpoch;
    await rig.coordinator.handlers['admin.key.destroy']({ epoch }, actor);
    await expect(claim(job.id)).rejects.toEqual(refused('key-destroyed'));
    expect(await stateOf(job.id)).toBe('held');
    await until(client.organization, () => client.organization.directory()?.releaseKey.epoch === epoch + 1);
    const { grant } = await claim((await register()).id);
    await report(grant, 'failed', { code: 'printer-unreachable' });
  });
});

describe('a grant', () => {
  test('is the only one of its job, for its node, once, and for seconds', async () => {
    const job = await register();
    const { grant } = await claim(job.id);
    await expect(claim(job.id)).rejects.toEqual(refused('job-in-progress'));
    await expect(start(grant, nodes[1])).rejects.toEqual(refused('grant-invalid'));
    await expect(report(grant, 'completed')).rejects.toEqual(refused('conflict'));

    const heldAgain = jobEvent(client, job.id, ({ state }) => state === 'held');
    rig.clock.advance(31_000);
    await expect(start(grant)).rejects.toEqual(refused('grant-expired'));
    await heldAgain;

    const next = await claim(job.id);
    expect(next.grant.fence).toBe(2);
    await expect(start(grant)).rejects.toEqual(refused('grant-expired'));
    await start(next.grant);
    await expect(start(next.grant)).rejects.toEqual(refused('grant-used'));
    await expect(client.organization.call(`/v1/jobs/${job.id}/cancel`, {}, none)).rejects.toEqual(
      refused('job-in-progress')
    );
    const failed = jobEvent(client, job.id, ({ code }) => code === 'printer-refused');
    await report(next.grant, 'failed', { code: 'printer-refused' });
    expect((await failed).state).toBe('held');
  });

  test('asked for twenty times at once is given once', async () => {
    const job = await register();
    const session = await signIn();
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => claim(job.id, {}, station, session)));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of asked)
      if (result.status === 'rejected') expect(result.reason).toEqual(refused('job-in-progress'));
  });

  test('needs the owner, here, an approved printer, and a node that holds the job', async () => {
    const job = await register([nodes[0]]);
    const session = await signIn();
    const bob = await signIn('Bob', '7304');
    const cases: [string, object, TestDevice, string][] = [
      ['not-allowed', {}, station, bob],
      ['session-expired', {}, client, session],
      ['session-expired', {}, station, 'x'.repeat(43)],
      ['printer-not-approved', { printer: randomUUID() }, station, session],
      ['node-unreachable', { node: nodes[1].id }, station, session],
      ['device-not-approved', { node: randomUUID() }, station, session],
      ['device-not-approved', { node: station.id }, station, session],
      ['not-found', { job: randomUUID() }, station, session],
      ['input-invalid', { job: 'x' }, station, session]
    ];
    for (const [code, change, at, token] of cases)
      await expect(claim(job.id, change, at, token), code).rejects.toEqual(refused(code));
    await expect(nodes[0].organization.call('/v1/grants', {}, none)).rejects.toEqual(refused('not-allowed'));
    expect(await stateOf(job.id)).toBe('held');
  });

  test('never sends a job that wants IPPS to a printer without', async () => {
    const { handlers } = rig.coordinator;
    const plain = await handlers['admin.printer.add']({ name: 'Old', uri: 'ipp://old.example/', location: '' }, actor);
    const approval = { id: plain.id, certificateSha256: null };
    await expect(handlers['admin.printer.approve']({ ...approval, grade: 'ipps-required' }, actor)).rejects.toEqual(
      refused('printer-not-secure')
    );
    await handlers['admin.printer.approve']({ ...approval, grade: 'plain-allowed' }, actor);
    const job = await register();
    await expect(claim(job.id, { printer: plain.id })).rejects.toEqual(refused('printer-not-secure'));
  });

  test('whose node is gone is uncertain; consent makes a second copy; a late word completes', async () => {
    const job = await register();
    const { grant } = await claim(job.id);
    await start(grant);
    nodes[0].organization.close();
    await until(client.organization, () => !client.organization.online().has(nodes[0].id));
    const uncertain = jobEvent(client, job.id, ({ state }) => state === 'uncertain');
    rig.clock.advance(60_001);
    expect((await uncertain).code).toBe('node-unreachable');

    await expect(claim(job.id, { node: nodes[1].id })).rejects.toEqual(refused('job-uncertain'));
    await expect(claim(job.id, { acceptSecondCopy: true })).rejects.toEqual(refused('node-unreachable'));
    const second = await claim(job.id, { node: nodes[1].id, acceptSecondCopy: true });
    expect(second.grant.follows).toEqual([grant.id]); // who holds its claim lets this one have it
    expect(grant).not.toHaveProperty('follows');
    await nodes[0].reconnect();
    await report(grant, 'completed');
    expect(await stateOf(job.id)).toBe('completed');
    await expect(start(second.grant, nodes[1])).rejects.toEqual(refused('grant-expired'));
  });

  test('survives a restart of the coordinator', async () => {
    const job = await register();
    const { grant } = await claim(job.id);
    await start(grant);
    const { deviceUrl } = rig.coordinator;
    await rig.restart();
    expect(rig.coordinator.deviceUrl).toBe(deviceUrl);
    await report(grant, 'completed');
    expect(await stateOf(job.id)).toBe('completed');
    for (const device of [client, station, ...nodes])
      await until(device.organization, () => device.organization.connected());
  });
});

describe('a registration', () => {
  const attempt = async (job: Awaited<ReturnType<typeof sealJob>>, at = client) =>
    at.organization.call('/v1/jobs', job.request, none);
  const seal = (change: Parameters<typeof sealJob>[0]['change'] = {}, holders: TestDevice[] = nodes) =>
    sealJob({ client, nodes: holders, now: rig.clock.now(), change });

  test('must be of the machine that signed it, for its owner, within policy', async () => {
    const now = rig.clock.now();
    const hour = 3600 * 1000;
    const cases: [string, Awaited<ReturnType<typeof sealJob>>][] = [
      ['not-allowed', await seal({ owner: randomUUID() as UserId })],
      ['policy-refused', await seal({ site: 'elsewhere' })],
      ['policy-refused', await seal({ created: now, expires: now + 25 * hour })],
      ['policy-refused', await seal({ created: now + hour, expires: now + 2 * hour })],
      ['job-expired', await seal({ created: now - 2 * hour, expires: now - hour })],
      ['seal-broken', await seal({ device: { id: client.id, signingKey: signingKey(generateSigningKey()) } })],
      ['input-invalid', await seal({}, [])]
    ];
    for (const [code, job] of cases) await expect(attempt(job), code).rejects.toEqual(refused(code));
    await expect(attempt(await seal(), station)).rejects.toEqual(refused('not-allowed'));
  });

  test('believes only nodes about replicas, and only of this blob', async () => {
    const job = await seal();
    const receipts = [
      ['digest-mismatch', await holdingReceipt(nodes[0], job.manifest, { sha256: 'A'.repeat(43) })],
      ['input-invalid', await holdingReceipt(nodes[0], job.manifest, { job: randomUUID() })],
      ['input-invalid', await holdingReceipt(nodes[0], job.manifest, { node: nodes[1].id })],
      ['device-not-approved', await holdingReceipt(station, job.manifest)]
    ] as const;
    for (const [code, receipt] of receipts)
      await expect(attempt({ ...job, request: { ...job.request, receipts: [receipt] } })).rejects.toEqual(
        refused(code)
      );
    const foreign = await seal();
    const swapped = { ...job, request: { ...job.request, jobPart: foreign.request.jobPart } };
    await expect(attempt(swapped)).rejects.toEqual(refused('seal-broken'));
    expect(await stateOf(job.id)).toBeUndefined();
  });
});

describe('signing in', () => {
  test('says the same for an unknown name and a wrong PIN, then locks the name at the machine and nobody else', async () => {
    await expect(signIn('Nobody', '0000')).rejects.toEqual(refused('pin-wrong'));
    await signIn();
    for (let i = 0; i < 5; i += 1) await expect(signIn('Bob', '0000')).rejects.toEqual(refused('pin-wrong'));
    await expect(signIn('bob', '7304')).rejects.toEqual(refused('pin-locked'));
    await signIn('Bob', '7304', client); // whoever guesses here locks nobody out there
    await signIn();
    rig.clock.advance(60_001);
    await signIn('Bob', '7304');
  });

  test('locks a machine that guesses names, and a name that is guessed everywhere, but not for long', async () => {
    for (let i = 0; i < 20; i += 1) await expect(signIn(`N${i}`, '0000')).rejects.toEqual(refused('pin-wrong'));
    await expect(signIn()).rejects.toEqual(refused('pin-locked'));
    await signIn('Ada', pin, client);
    rig.clock.advance(60_001);
    await signIn();
  });

  test('ends after idleness, when the PIN changes, and when the user is suspended', async () => {
    const path = '/v1/sessions/jobs';
    const body = async () => ({ session: await signIn() });
    const idle = await body();
    rig.clock.advance(120_001);
    await expect(station.organization.call(path, idle, none)).rejects.toEqual(refused('session-expired'));
    const before = await body();
    await rig.coordinator.handlers['admin.user.set-pin']({ id: ada, pin }, actor);
    await expect(station.organization.call(path, before, none)).rejects.toEqual(refused('session-expired'));
    const signedIn = await body();
    await rig.coordinator.handlers['admin.user.suspend']({ id: ada, suspended: true }, actor);
    await expect(station.organization.call(path, signedIn, none)).rejects.toEqual(refused('session-expired'));
    await expect(signIn()).rejects.toEqual(refused('pin-wrong'));
    await rig.coordinator.handlers['admin.user.suspend']({ id: ada, suspended: false }, actor);
  });
});

test('a revoked machine is cut off at once, told to everybody, and its jobs wait for others', async () => {
  const job = await register([nodes[1]]);
  const gone = until(nodes[1].organization, () => !nodes[1].organization.connected());
  const told = until(client.organization, () => client.organization.device(nodes[1].id) === undefined);
  await rig.coordinator.handlers['admin.device.revoke']({ id: nodes[1].id }, actor);
  await Promise.all([gone, told]);
  await expect(nodes[1].organization.call('/v1/presence', { url: null }, none)).rejects.toMatchObject({
    code: 'device-not-approved'
  });
  await expect(claim(job.id, { node: nodes[1].id })).rejects.toEqual(refused('device-not-approved'));
});

test('after all this the audit log is intact', async () => {
  const report = await rig.coordinator.handlers['admin.audit.verify']({}, actor);
  expect(report).toMatchObject({ intact: true, firstBroken: null, reason: null });
  expect(report.rows).toBeGreaterThan(100);
  expect(report.signatures).toBeGreaterThan(2);
});
