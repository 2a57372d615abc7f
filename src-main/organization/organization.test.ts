import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { silentLogger } from '../base/logger.ts';
import { encodeLine } from '../base/ndjson.ts';
import { type DeviceIdentity, saveEnrollment } from '../identity/device-identity.ts';
import { createDeviceServer, type DeviceServer } from '../identity/device-server.ts';
import { plainSecrets } from '../identity/safe-secret.ts';
import { signStatement } from '../identity/signed-statement.ts';
import { createTestOrganization } from '../identity/testing/organization.ts';
import { deviceTlsServer } from '../identity/tls.ts';
import type { Directory } from '../protocol/directory.ts';
import { connectOrganization } from './organization.ts';
import type { Organization } from './port.ts';
import { testDirectory } from './testing/directory.ts';

const ours = await createTestOrganization();
const [coordinator, laptop] = await Promise.all([ours.machine('Coordinator'), ours.machine('Laptop')]);
const folder = await mkdtemp(join(tmpdir(), 'letterlock-organization-'));
afterAll(() => rm(folder, { recursive: true }));

/** Time stands still until `advance`. */
function createTestClock() {
  let now = Date.now();
  const due = new Set<{ at: number; run: () => void }>();
  const clock: Clock = {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      due.add(timer);
      return () => due.delete(timer);
    }
  };
  return {
    ...clock,
    pending: () => [...due].map(({ at }) => at - now),
    advance(ms: number) {
      now += ms;
      for (const timer of [...due]) {
        if (timer.at <= now && due.delete(timer)) timer.run();
      }
    }
  };
}

let clock: ReturnType<typeof createTestClock>;
let dataDir: string;
let server: DeviceServer;
let port = 0;
let streams: ServerResponse[];
let presences: unknown[];
let opened: Organization[];
/** Sent first on each stream. */
let greeting: () => Promise<unknown> | unknown;
let identity: DeviceIdentity;

async function startCoordinator(at = 0) {
  server = createDeviceServer({ tls: () => deviceTlsServer({ identity: coordinator }), logger: silentLogger });
  server.app.get('/v1/events', async (_request, reply) => {
    const first = await greeting();
    reply.hijack();
    streams.push(reply.raw);
    reply.raw.write(encodeLine(first));
  });
  server.app.post('/v1/presence', async ({ body }) => {
    presences.push(body);
    return {};
  });
  server.app.post('/v1/works', async () => ({ n: 1 }));
  server.app.post('/v1/refuses', async () => {
    throw new LetterlockError('pin-wrong', 'twice');
  });
  ({ port } = await server.listen({ host: '127.0.0.1', port: at }));
}

beforeEach(async () => {
  clock = createTestClock();
  streams = [];
  presences = [];
  opened = [];
  dataDir = await mkdtemp(join(folder, 'device-'));
  greeting = () => directory(1);
  await startCoordinator();
  const enrollment = ours.enrollment(laptop, coordinator, `https://127.0.0.1:${port}`);
  identity = await saveEnrollment({ dataDir, secrets: plainSecrets, keys: laptop.keys, enrollment });
});
afterEach(async () => {
  for (const organization of opened) organization.close();
  await server.close();
});

async function open() {
  const organization = await connectOrganization({ identity, dataDir, clock, logger: silentLogger, random: () => 0 });
  opened.push(organization);
  return organization;
}
const send = (event: unknown) => streams.at(-1)?.write(encodeLine(event));
const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 5 });
const connected = (organization: Organization, is = true) => until(() => expect(organization.connected()).toBe(is));

const content = (version: number): Directory =>
  testDirectory({
    ...{ organization: ours.organization, coordinator, version, now: clock.now() },
    devices: [
      { machine: laptop, status: 'approved' },
      { machine: coordinator, status: 'revoked' }
    ]
  });
async function directory(version: number, signer = coordinator, change: Partial<Directory> = {}) {
  const by = { id: coordinator.id, key: signer.signing };
  const signed = await signStatement('directory', { ...content(version), ...change }, by);
  return { type: 'directory', directory: signed, online: [laptop.id] };
}

test('knows the organization from the coordinator, and from disk while it is away', async () => {
  const organization = await open();
  await connected(organization);
  expect(organization.directory()?.version).toBe(1);
  expect(organization.device(laptop.id)?.name).toBe('Laptop');
  expect(organization.device(coordinator.id)).toBeUndefined();
  expect([...organization.online()]).toEqual([laptop.id]);

  let changes = 0;
  organization.onChange(() => changes++);
  send({ type: 'online', online: [] });
  await until(() => expect(organization.online().size).toBe(0));
  expect(changes).toBe(1);

  await server.close();
  const later = await open();
  expect(later.directory()?.version).toBe(1);
  expect(later.verifiedAt()).toBe(clock.now());
  expect(later.connected()).toBe(false);
});

test('is confirmed by every sign of life, and not by those after a refused directory', async () => {
  const organization = await open();
  await connected(organization);
  clock.advance(9_000);
  const confirmed = clock.now();
  send({ type: 'ping' });
  await until(() => expect(organization.verifiedAt()).toBe(confirmed));
  clock.advance(9_000);
  send(await directory(0));
  send({ type: 'ping' });
  send({ type: 'online', online: [] });
  await until(() => expect(organization.online().size).toBe(0));
  expect(organization.verifiedAt()).toBe(confirmed);
});

test('never goes back to an older directory, also after a restart; never takes one of somebody else', async () => {
  const organization = await open();
  await connected(organization);
  send(await directory(3));
  await until(() => expect(organization.directory()?.version).toBe(3));
  const refused = [
    await directory(2),
    await directory(3, coordinator, { issued: isoTime(clock.now() - 1) }),
    await directory(4, laptop),
    await directory(4, coordinator, { organization: { ...ours.organization, id: randomUUID() as never } }),
    { ...(await directory(4)), directory: { ...(await directory(4)).directory, signer: laptop.id } }
  ];
  for (const event of refused) send(event);
  send({ type: 'online', online: [] });
  await until(() => expect(organization.online().size).toBe(0));
  expect(organization.directory()?.version).toBe(3);
  organization.close();

  greeting = () => directory(2);
  const later = await open();
  await connected(later);
  expect(later.directory()?.version).toBe(3);
  expect(JSON.parse(await readFile(join(dataDir, 'directory.json'), 'utf8')).v).toBe(1);
});

test('a damaged or forged directory on disk is not believed', async () => {
  const path = join(dataDir, 'directory.json');
  await server.close();
  await writeFile(path, '{"v":1');
  expect((await open()).directory()).toBeNull();
  expect((await readdir(dataDir)).filter((name) => name.endsWith('.damaged'))).toHaveLength(1);

  const forged = (await directory(9, laptop)).directory;
  await writeFile(path, JSON.stringify({ v: 1, verifiedAt: 1, directory: forged }));
  expect((await open()).directory()).toBeNull();
});

test('erase orders count only when the coordinator signed them, and wait for who obeys', async () => {
  const job = JobId.parse(randomUUID());
  const order = { job, reason: 'completed', at: isoTime(clock.now()) };
  const signedBy = (machine: typeof laptop) =>
    signStatement('erase', order, { id: coordinator.id, key: machine.signing });
  const organization = await open();
  await connected(organization);
  send({ type: 'erase', order: await signedBy(laptop) });
  send({ type: 'erase', order: await signedBy(coordinator) });
  send({ type: 'job', id: job, state: 'completed', holders: [], printer: null });
  send({ type: 'online', online: [] });
  await until(() => expect(organization.online().size).toBe(0));

  const orders: unknown[] = [];
  const jobs: unknown[] = [];
  organization.onErase((erase) => orders.push(erase));
  const off = organization.onJob(() => {
    throw new Error('of a listener');
  });
  off();
  organization.onJob((event) => jobs.push(event.state));
  expect(orders).toEqual([order]);
  send({ type: 'job', id: job, state: 'held', holders: [], printer: null });
  await until(() => expect(jobs).toEqual(['held']));
});

test('whom the coordinator drops is approved no more, ahead of the directory that says so', async () => {
  const other = randomUUID() as DeviceId;
  const withOther = (version: number) => {
    const [first, ...rest] = content(version).devices;
    return directory(version, coordinator, { devices: first ? [{ ...first, id: other }, first, ...rest] : [] });
  };
  const word = async (version: number, signer = coordinator, devices = [other]) => ({
    type: 'dropped',
    word: await signStatement('dropped', { devices, version }, { id: coordinator.id, key: signer.signing })
  });
  greeting = () => withOther(3);
  const organization = await open();
  await connected(organization);
  const told: boolean[] = [];
  organization.onChange(() => told.push(organization.device(other) !== undefined));

  send(await word(4, laptop));
  send(await word(3)); // of a directory that is here already
  send({ type: 'online', online: [] });
  await until(() => expect(told).toEqual([true]));
  send(await word(5));
  await until(() => expect(told).toEqual([true, false]));
  expect(organization.device(laptop.id)).toBeDefined();
  send(await withOther(4)); // an older one that was on its way
  await until(() => expect(organization.directory()?.version).toBe(4));
  expect(organization.device(other)).toBeUndefined();
  send(await withOther(5)); // approved once more
  await until(() => expect(organization.device(other)).toBeDefined());

  send(await word(6, coordinator, [laptop.id]));
  await until(() => expect(organization.device(other)).toBeUndefined()); // who is dropped itself trusts nobody
});

test('says where it listens, now and at each reconnect', async () => {
  const organization = await open();
  organization.announce('https://127.0.0.1:7');
  await until(() => expect(presences).toEqual([{ url: 'https://127.0.0.1:7' }]));
  streams.at(-1)?.destroy();
  await connected(organization, false);
  expect(organization.online().size).toBe(0);
  await until(() => expect(clock.pending()).not.toEqual([]));
  clock.advance(1_000);
  await connected(organization);
  await until(() => expect(presences).toHaveLength(2));
});

test('waits longer each time that the coordinator is away; a call that succeeds ends the waiting', async () => {
  const organization = await open();
  await connected(organization);
  await server.close();
  await connected(organization, false);
  for (const delay of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    await until(() => expect(clock.pending()).toEqual([delay]));
    clock.advance(delay);
  }
  await until(() => expect(clock.pending()).toEqual([30_000]));
  const works = () => organization.call('/v1/works', {}, z.object({ n: z.number() }));
  await expect(works()).rejects.toMatchObject({ code: 'coordinator-unreachable' });
  expect(organization.connected()).toBe(false);

  await startCoordinator(port);
  expect(await works()).toEqual({ n: 1 });
  await connected(organization);
});

test('a coordinator that falls silent counts as away', async () => {
  const organization = await open();
  await connected(organization);
  send({ type: 'ping' });
  clock.advance(24_000);
  expect(organization.connected()).toBe(true);
  clock.advance(2_000);
  await connected(organization, false);
});

test('events of a later version are passed over; a line without end is not collected', async () => {
  const organization = await open();
  await connected(organization);
  send({ type: 'of-the-future' });
  send({ type: 'online', online: [] });
  await until(() => expect(organization.online().size).toBe(0));
  streams.at(-1)?.write('x'.repeat(5 * 1024 * 1024));
  await connected(organization, false);
});

test('errors of the coordinator keep their code; a foreign coordinator is not one', async () => {
  const organization = await open();
  const refuses = organization.call('/v1/refuses', {}, z.unknown());
  await expect(refuses).rejects.toMatchObject({ code: 'pin-wrong', detail: 'twice' });
  identity = { ...identity, enrollment: ours.enrollment(laptop, laptop, identity.enrollment.coordinator.url) };
  const misled = await open();
  await expect(misled.call('/v1/works', {}, z.unknown())).rejects.toMatchObject({ code: 'certificate-invalid' });
});

test('close ends every connection and every wait', async () => {
  const organization = await open();
  await connected(organization);
  const gone = new Promise((resolve) => streams.at(-1)?.once('close', resolve));
  organization.close();
  await gone;
  await until(() => expect(clock.pending()).toEqual([]));
  expect(organization.connected()).toBe(false);
});

test('trusts nobody by a directory that nobody has confirmed for too long, until somebody does', async () => {
  const organization = await open();
  await connected(organization);
  const before = port;
  await server.close();
  await connected(organization, false);
  clock.advance(limits.directoryHours * 3_600_000 - 1);
  expect(organization.device(laptop.id)).toBeDefined();
  clock.advance(1);
  expect(organization.device(laptop.id)).toBeUndefined();
  expect(organization.directory()?.version).toBe(1);

  await startCoordinator(before);
  await vi.waitFor(async () => {
    await organization.call('/v1/works', {}, z.unknown()); // makes it try at once
    expect(organization.connected()).toBe(true);
  }, 10_000);
  expect(organization.device(laptop.id)).toBeDefined();
});

test('trusts nobody once it was revoked, whether a directory says so or the coordinator does', async () => {
  const organization = await open();
  await connected(organization);
  const [other, self] = content(2).devices;
  if (!other || !self) throw new Error('two devices');
  const devices = [
    { ...other, status: 'revoked' as const },
    { ...self, status: 'approved' as const }
  ];
  send(await directory(2, coordinator, { devices }));
  await until(() => expect(organization.directory()?.version).toBe(2));
  expect(organization.device(coordinator.id)).toBeUndefined();
  send(await directory(3));
  await until(() => expect(organization.device(laptop.id)).toBeDefined());

  greeting = () => {
    throw new LetterlockError('device-not-approved');
  };
  let told = false;
  organization.onChange(() => {
    told ||= !organization.device(laptop.id);
  });
  streams.at(-1)?.destroy();
  await connected(organization, false);
  clock.advance(60_000);
  await until(() => expect(told).toBe(true));
});

test('passes on whose session was ended', async () => {
  const organization = await open();
  await connected(organization);
  const user = randomUUID();
  const ended = new Promise((resolve) => organization.onSessionEnded(resolve));
  send({ type: 'session-ended', user });
  expect(await ended).toBe(user);
});
