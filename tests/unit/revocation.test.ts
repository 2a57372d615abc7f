import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toBase64url } from '../../src-main/base/bytes.ts';
import { MiB } from '../../src-main/base/limits.ts';
import { actor, type TestDevice, until } from '../../src-main/coordinator/testing/rig.ts';
import { deviceTlsClient } from '../../src-main/identity/tls.ts';
import { encodeAttributes } from '../../src-main/ipp/codec.ts';
import { documentOf, never, ticket as someTicket, until as untilJob } from '../../src-main/jobs/testing/client.ts';
import { GrantBundle, Session } from '../../src-main/protocol/device-api.ts';
import { type JobId, PrinterId } from '../../src-preload/contract/index.ts';
import { type Mesh, startMesh } from '../always-verify/mesh.ts';

/**
 * Revocation, with the real parts on live connections. What is learned here was pushed: nobody asks, the connection over which
 * it came never broke, and it came long before the next ping.
 */
let mesh: Mesh;
let client: Awaited<ReturnType<Mesh['addClient']>>;
let station: Awaited<ReturnType<Mesh['addStation']>>;
const handlers = () => mesh.rig.coordinator.handlers;
const none = z.object({});
const ticket = { ...someTicket, attributes: toBase64url(encodeAttributes([])) };

beforeAll(async () => {
  mesh = await startMesh();
  await handlers()['admin.user.add']({ name: 'Anna', pin: '314159' }, actor);
  client = await mesh.addClient('laptop', 'Anna');
  station = await mesh.addStation('kiosk');
}, 120_000);
afterAll(() => mesh.close());

/** Within which a withdrawal must have arrived: twice what is promised, since machines that run tests are busy. */
const bound = 4_000;
/** How long it takes until `holds`, from `withdraw` on; and that it was pushed: the connection to the coordinator stayed. */
async function pushed({ organization }: TestDevice, holds: () => boolean, withdraw: () => Promise<unknown>) {
  expect(holds()).toBe(false);
  const version = organization.directory()?.version ?? 0;
  let broke = false;
  const off = organization.onChange(() => {
    broke ||= !organization.connected();
  });
  const began = performance.now();
  const [elapsed] = await Promise.all([until(organization, holds).then(() => performance.now() - began), withdraw()]);
  // Of a machine a word comes ahead of the directory.
  await until(organization, () => (organization.directory()?.version ?? 0) > version);
  off();
  expect(broke).toBe(false);
  expect(elapsed).toBeLessThan(bound);
}

/** A connection of this device that has been answered once and stays open. */
async function connectionTo(url: string, { identity }: TestDevice, expected = mesh.device.id): Promise<TLSSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), ...deviceTlsClient({ identity, expect: expected }) });
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  socket.write('GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(socket, 'data');
  return socket;
}
const ended = async (socket: TLSSocket) => socket.destroyed || (await once(socket, 'close'));

async function print(size: number): Promise<JobId> {
  const job = client.jobs.begin(ticket);
  await client.jobs.documents(job, documentOf(randomBytes(size)), never);
  await untilJob(client.jobs, job, ({ holders }) => holders.length > 0);
  return job;
}
const stateOf = async (job: JobId) =>
  (await handlers()['admin.job.list']({}, actor)).find(({ id }) => id === job)?.state;

/** A release of a job that stops in the middle until `go`: the printer has taken some of it. */
async function halfPrinted() {
  const { id, printer } = await mesh.addPrinter(`printer ${randomBytes(3).toString('hex')}`);
  let go = () => {};
  const until = new Promise<void>((resolve) => {
    go = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    printer.script.push({ kind: 'hang', begun: resolve, leave: 'processing', until });
  });
  const job = await print(24 * MiB);
  await station.session.signIn('Anna', '314159');
  const release = station.session.release(job, id, false);
  const end = release.catch((error: unknown) => error);
  await Promise.race([begun, release]);
  return { id, printer, job, go, end };
}

describe('a revoked device', () => {
  it('is cut off at the coordinator and at each node, at once, and gets nowhere again', async () => {
    const lost = await mesh.rig.pair('lost laptop', ['client'], 'Anna');
    await until(mesh.device.organization, () => mesh.device.organization.device(lost.id) !== undefined);
    const live = await connectionTo(mesh.node.url, lost);
    const { session } = await lost.organization.call('/v1/sessions', { user: 'Anna', pin: '314159' }, Session);
    const cut = ended(live);
    await pushed(
      mesh.device,
      () => !mesh.device.organization.device(lost.id),
      () => handlers()['admin.device.revoke']({ id: lost.id }, actor)
    );
    await cut;
    await until(lost.organization, () => !lost.organization.connected());
    await expect(lost.organization.call('/v1/sessions/jobs', { session }, none)).rejects.toMatchObject({
      code: 'device-not-approved'
    });
    // It was told, or is told when it comes back: then it trusts nobody itself.
    await until(lost.organization, () => !lost.organization.device(mesh.device.id));
  });

  it('as a node: what goes on with it breaks off, and others take its place', async () => {
    const second = await mesh.addNode('second node');
    await until(
      client.device.organization,
      () => client.device.organization.device(second.device.id)?.url !== undefined
    );
    const { organization } = client.device;
    const job = client.jobs.begin(ticket);
    async function* document() {
      yield { format: 'application/pdf', content: content() };
    }
    async function* content() {
      yield randomBytes(3 * MiB);
      await pushed(
        client.device,
        () => !organization.device(second.device.id),
        () => handlers()['admin.device.revoke']({ id: second.device.id }, actor)
      );
      yield randomBytes(3 * MiB);
    }
    await client.jobs.documents(job, document(), never);
    const { holders } = await untilJob(client.jobs, job, ({ safeToClose }) => safeToClose);
    expect(holders.map(({ id }) => id)).toEqual([mesh.device.id]);
    expect(second.node.heldJobs().has(job)).toBe(false);
  });

  it('in the middle of its release: the node breaks it off', async () => {
    const { job, go, end } = await halfPrinted();
    const { organization } = mesh.device;
    const { id } = station.device;
    await pushed(
      mesh.device,
      () => !organization.device(id),
      () => handlers()['admin.device.revoke']({ id }, actor)
    );
    go();
    expect(await end).toBeInstanceOf(Error);
    await expect.poll(() => stateOf(job), { timeout: 30_000 }).toMatch(/^(held|uncertain)$/);
    station = await mesh.addStation('another kiosk');
  });
});

describe('a removed printer', () => {
  it('gets nothing more of what is being printed there, and nothing new', async () => {
    const { id, printer, job, go, end } = await halfPrinted();
    const { organization } = mesh.device;
    await pushed(
      mesh.device,
      () => !organization.directory()?.printers.some((one) => one.id === id),
      () => handlers()['admin.printer.remove']({ id }, actor)
    );
    go();
    expect(await end).toBeInstanceOf(Error);
    const [printed] = printer.jobs;
    expect(printed?.documents[0]?.whole).toBe(false);
    await expect.poll(() => stateOf(job), { timeout: 30_000 }).toMatch(/^(held|uncertain)$/);
    await expect(station.session.release(job, id, true)).rejects.toMatchObject({ code: 'printer-not-approved' });
  });
});

describe('between grant and start', () => {
  async function granted() {
    const { id: printer } = await mesh.addPrinter(`printer ${randomBytes(3).toString('hex')}`);
    const job = await print(1000);
    const kiosk = await mesh.rig.pair(`kiosk ${randomBytes(3).toString('hex')}`, ['station']);
    const { session, user } = await kiosk.organization.call('/v1/sessions', { user: 'Anna', pin: '314159' }, Session);
    const claim = { session, job, printer: PrinterId.parse(printer), node: mesh.device.id };
    const { grant } = await kiosk.organization.call('/v1/grants', claim, GrantBundle);
    const { id } = JSON.parse(Buffer.from(grant.payload, 'base64url').toString()) as { id: string };
    const start = () => mesh.device.organization.call(`/v1/grants/${id}/start`, {}, none);
    return { printer, kiosk, user, start };
  }

  it('a printer that was removed stops it', async () => {
    const { printer, start } = await granted();
    await handlers()['admin.printer.remove']({ id: printer }, actor);
    await expect(start()).rejects.toMatchObject({ code: 'printer-not-approved' });
  });
  it('a device that was revoked stops it', async () => {
    const { kiosk, start } = await granted();
    await handlers()['admin.device.revoke']({ id: kiosk.id }, actor);
    await expect(start()).rejects.toMatchObject({ code: 'device-not-approved' });
  });
  it('a user who was suspended stops it', async () => {
    const { user, start } = await granted();
    await handlers()['admin.user.suspend']({ id: user.id, suspended: true }, actor);
    await expect(start()).rejects.toMatchObject({ code: 'not-allowed' });
    await handlers()['admin.user.suspend']({ id: user.id, suspended: false }, actor);
  });
});

it('a suspended user is signed out where they stand, and their titles are forgotten', async () => {
  await station.session.signIn('Anna', '314159');
  expect(station.session.session()?.user).toBe('Anna');
  const [anna] = await handlers()['admin.user.list']({}, actor);
  if (!anna) throw new Error('no user');
  const left = new Promise<number>((resolve) => {
    const off = station.session.onChange(() => {
      if (station.session.session()) return;
      off();
      resolve(performance.now());
    });
  });
  const began = performance.now();
  await handlers()['admin.user.suspend']({ id: anna.id, suspended: true }, actor);
  expect((await left) - began).toBeLessThan(bound);
  expect(station.device.organization.connected()).toBe(true);
  await expect(station.session.signIn('Anna', '314159')).rejects.toMatchObject({ code: 'pin-wrong' });
});
