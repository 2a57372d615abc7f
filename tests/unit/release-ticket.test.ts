import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toBase64url } from '../../src-main/base/bytes.ts';
import { systemClock } from '../../src-main/base/clock.ts';
import { silentLogger } from '../../src-main/base/logger.ts';
import { actor, until } from '../../src-main/coordinator/testing/rig.ts';
import { encodeAttributes } from '../../src-main/ipp/codec.ts';
import { documentOf, never, until as untilJob } from '../../src-main/jobs/testing/client.ts';
import { createNodeClient } from '../../src-main/mesh/node-client.ts';
import { GrantBundle, Session } from '../../src-main/protocol/device-api.ts';
import { sealReleasedJobPart } from '../../src-main/sealing/release-parts.ts';
import type { GrantId, JobId } from '../../src-preload/contract/index.ts';
import { type Mesh, startMesh } from '../always-verify/mesh.ts';

/** Strict custody with real coordinator, node, printer and station: the laptop is closed, its owner stands there with a ticket. */
const pin = '604173';
const title = 'Severance agreement';
let mesh: Mesh;
let client: Awaited<ReturnType<Mesh['addClient']>>;
let station: Awaited<ReturnType<Mesh['addStation']>>;
let printer: Awaited<ReturnType<Mesh['addPrinter']>>;

beforeAll(async () => {
  mesh = await startMesh();
  const { handlers } = mesh.rig.coordinator;
  await handlers['admin.user.add']({ name: 'Ada', pin }, actor);
  await handlers['admin.user.add']({ name: 'Bob', pin: '815290' }, actor);
  await handlers['admin.policy.set']({ custody: 'strict' }, actor);
  client = await mesh.addClient('laptop', 'Ada');
  station = await mesh.addStation('kiosk');
  printer = await mesh.addPrinter('Hall');
  for (const { organization } of [mesh.device, client.device, station.device])
    await until(organization, () => organization.directory()?.policy.custody === 'strict');
}, 120_000);
afterAll(() => mesh.close());

async function print(document: Buffer): Promise<JobId> {
  const attributes = toBase64url(encodeAttributes([]));
  const job = client.jobs.begin({ title, userName: 'ada', attributes, held: false });
  await client.jobs.documents(job, documentOf(document), never);
  await untilJob(client.jobs, job, ({ holders }) => holders.length > 0);
  return job;
}
const release = (job: JobId) => station.session.release(job, printer.id, false);
const printed = () => printer.printer.jobs.map(({ documents: [one] }) => Buffer.concat(one?.pieces ?? []));
const audit = async (subject?: string) =>
  (await mesh.rig.coordinator.handlers['admin.audit.list']({ after: 0, limit: 1000 }, actor)).filter(
    (row) => subject === undefined || row.subject === subject
  );
const open = async () =>
  (await mesh.rig.coordinator.handlers['admin.job.list']({}, actor)).filter(({ state }) => state !== 'completed');
/** As the station does it with a ticket, whatever it has. */
async function claim(job: JobId) {
  const { organization } = station.device;
  const { session } = await organization.call('/v1/sessions', { user: 'Ada', pin }, Session);
  const request = { session, job, printer: printer.id, node: mesh.device.id, ticket: true };
  return organization.call('/v1/grants', request, GrantBundle);
}
const shown = (job: JobId) => station.session.session()?.jobs.find(({ id }) => id === job);

it('prints with the ticket while the laptop is closed, and not without it', async () => {
  const document = randomBytes(50_000);
  const [job, other] = [await print(document), await print(randomBytes(100))];
  const { text } = await client.jobs.ticket({ job, pin });
  await expect(client.jobs.ticket({ job, user: 'Bob', pin: '815290' })).rejects.toMatchObject({ code: 'not-allowed' });
  const theOther = await client.jobs.ticket({ job: other, pin });
  await client.jobs.close();
  await client.device.organization.close();
  await until(station.device.organization, () => !station.device.organization.online().has(client.device.id));

  await station.session.signIn('Ada', pin);
  await expect(release(job)).rejects.toMatchObject({ code: 'approval-unavailable' });
  expect(printed()).toEqual([]);
  await station.session.ticket(text);
  expect(shown(job)).toMatchObject({ title, ticket: true });
  expect(shown(other)).toMatchObject({ title: null });
  await expect(release(other)).rejects.toMatchObject({ code: 'approval-unavailable' });
  await release(job);
  await expect.poll(() => shown(job)?.state, { timeout: 30_000 }).toBe('completed');
  expect(printed()).toEqual([document]);

  // Printed: the ticket is worth nothing any more.
  await station.session.signOut();
  await station.session.signIn('Ada', pin);
  await expect(station.session.ticket(text)).rejects.toMatchObject({ code: 'ticket-not-listed' });
  // Somebody else’s: the same.
  await station.session.signOut();
  await station.session.signIn('Bob', '815290');
  await expect(station.session.ticket(theOther.text)).rejects.toMatchObject({ code: 'ticket-not-listed' });
  await station.session.signOut();

  expect((await audit(job)).map(({ action }) => action)).toContain('ticket.taken');
  const grants = (await audit()).filter(({ action, detail }) => action === 'grant.issued' && detail.job === job);
  expect(grants.map(({ detail }) => detail.ticket)).toEqual([true]);
  expect(JSON.stringify(await audit())).not.toContain(text);
});

it('a station that says it has a ticket and has none prints nothing: the part that it makes up opens nothing', async () => {
  await client.device.reconnect();
  const [held] = await open();
  if (!held) throw new Error('no job is held');
  const bundle = await claim(held.id);
  const { organization, identity } = station.device;
  const node = { id: mesh.device.id, sealingPublicKey: mesh.device.identity.sealing.publicKey };
  const grant = (JSON.parse(Buffer.from(bundle.grant.payload, 'base64url').toString()) as { id: GrantId }).id;
  const madeUp = await sealReleasedJobPart(randomBytes(32), { job: held.id, grant, printer: printer.id, node });
  const transport = createNodeClient({ identity, organization, clock: systemClock, logger: silentLogger });
  const release = transport.release(node.id, { ...bundle, jobPart: madeUp }, never)[Symbol.asyncIterator]();
  expect((await release.next()).value).toMatchObject({ type: 'failed', code: 'seal-broken', uncertain: false });
  transport.close();
  expect(printed()).toHaveLength(1);
  expect((await open()).map(({ id, state }) => [id, state])).toEqual([[held.id, 'held']]);
});

it('is refused once the machine that made it is revoked', async () => {
  const [held] = await open();
  await mesh.rig.coordinator.handlers['admin.device.revoke']({ id: client.device.id }, actor);
  await expect(claim(held?.id as JobId)).rejects.toMatchObject({ code: 'ticket-invalid' });
});
