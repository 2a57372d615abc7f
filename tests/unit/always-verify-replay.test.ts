import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toBase64url } from '../../src-main/base/bytes.ts';
import { isoTime, systemClock } from '../../src-main/base/clock.ts';
import { silentLogger } from '../../src-main/base/logger.ts';
import { actor, sealJob, type TestDevice } from '../../src-main/coordinator/testing/rig.ts';
import { plainSecrets } from '../../src-main/identity/safe-secret.ts';
import { signStatement } from '../../src-main/identity/signed-statement.ts';
import { encodeAttributes } from '../../src-main/ipp/codec.ts';
import { documentOf, never, ticket, until } from '../../src-main/jobs/testing/client.ts';
import { createNodeClient } from '../../src-main/mesh/node-client.ts';
import { pairDevice } from '../../src-main/organization/pairing.ts';
import { GrantBundle, Session } from '../../src-main/protocol/device-api.ts';
import type { ReleaseEvent } from '../../src-main/protocol/node-api.ts';
import type { JobId, PrinterId } from '../../src-preload/contract/index.ts';
import { type Mesh, startMesh } from '../always-verify/mesh.ts';

/** The right machine with what is somebody else's, and the right things a second time: real listeners, a real release. */
let mesh: Mesh;
let laptop: Awaited<ReturnType<Mesh['addClient']>>;
let kiosk: TestDevice;
let otherLaptop: TestDevice;
let otherNode: TestDevice;
let printer: PrinterId;
let job: JobId;
let anna: string;
let ben: string;
const none = z.object({});
const refused = (code: string) => expect.objectContaining({ code });

beforeAll(async () => {
  mesh = await startMesh();
  const { rig } = mesh;
  const { handlers } = rig.coordinator;
  await handlers['admin.user.add']({ name: 'Anna', pin: '314159' }, actor);
  await handlers['admin.user.add']({ name: 'Ben', pin: '271828' }, actor);
  printer = (await mesh.addPrinter('Hall')).id;
  laptop = await mesh.addClient('laptop', 'Anna');
  kiosk = await rig.pair('kiosk', ['station']);
  otherLaptop = await rig.pair('other laptop', ['client'], 'Ben');
  otherNode = await rig.pair('other node', ['node']);
  job = await print();
  anna = await signIn('Anna', '314159');
  ben = await signIn('Ben', '271828');
}, 120_000);
afterAll(() => mesh.close());

const signIn = async (user: string, pin: string) =>
  (await kiosk.organization.call('/v1/sessions', { user, pin }, Session)).session;

async function print(): Promise<JobId> {
  const id = laptop.jobs.begin({ ...ticket, attributes: toBase64url(encodeAttributes([])) });
  await laptop.jobs.documents(id, documentOf(randomBytes(1000)), never);
  await until(laptop.jobs, id, ({ safeToClose }) => safeToClose);
  return id;
}
const claim = (of: JobId, session: string) =>
  kiosk.organization.call('/v1/grants', { session, job: of, printer, node: mesh.device.id }, GrantBundle);
const idOf = ({ grant }: GrantBundle): string => JSON.parse(Buffer.from(grant.payload, 'base64url').toString()).id;

/** Brings a grant to the node, as `device`, and tells how it ended: the refusal's code, or the last event. */
async function release({ identity, organization }: TestDevice, bundle: GrantBundle): Promise<string> {
  const transport = createNodeClient({ identity, organization, clock: systemClock, logger: silentLogger });
  let last: ReleaseEvent | undefined;
  try {
    for await (const event of transport.release(mesh.device.id, bundle, never)) last = event;
    return last?.type === 'failed' ? last.code : (last?.type ?? 'nothing');
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    transport.close();
  }
}

describe('what is another user’s, at the right machine', () => {
  it('is not released, canceled or listed', async () => {
    await expect(claim(job, ben)).rejects.toEqual(refused('not-allowed'));
    const cancel = kiosk.organization.call(`/v1/jobs/${job}/cancel`, { session: ben }, none);
    await expect(cancel).rejects.toEqual(refused('not-allowed'));
    const listed = z.object({ jobs: z.array(z.object({ id: z.string() })) });
    const list = (session: string) => kiosk.organization.call('/v1/sessions/jobs', { session }, listed);
    expect((await list(ben)).jobs).toEqual([]);
    expect((await list(anna)).jobs).toMatchObject([{ id: job }]);
  });
  it('is not registered in their name', async () => {
    const forged = await sealJob({ client: otherLaptop, nodes: [mesh.device], now: mesh.rig.clock.now() });
    const stolen = laptop.device.organization.call('/v1/jobs', forged.request, none);
    await expect(stolen).rejects.toMatchObject({ code: expect.stringMatching(/seal-broken|not-allowed/) });
  });
});

describe('what is another machine’s, with the right role', () => {
  it('a job is not canceled, and gets no holders', async () => {
    const { organization } = otherLaptop;
    await expect(organization.call(`/v1/jobs/${job}/cancel`, {}, none)).rejects.toEqual(refused('not-allowed'));
    const receipt = await signStatement('holding', { job }, { id: otherLaptop.id, key: otherLaptop.identity.signing });
    const holders = organization.call(`/v1/jobs/${job}/holders`, { receipt }, none);
    await expect(holders).rejects.toEqual(refused('not-allowed'));
  });
  it('an erasure is not confirmed for another node', async () => {
    const said = { job, node: mesh.device.id, reason: 'canceled', at: isoTime(Date.now()) };
    const receipt = await signStatement('erasure', said, { id: mesh.device.id, key: mesh.device.identity.signing });
    await expect(otherNode.organization.call('/v1/erasures', { receipt }, none)).rejects.toEqual(
      refused('not-allowed')
    );
  });
});

it('a grant works for the machine that asked, at its node, once', async () => {
  const bundle = await claim(job, anna);
  await expect(claim(job, anna)).rejects.toEqual(refused('job-in-progress'));
  const start = (node: TestDevice) => node.organization.call(`/v1/grants/${idOf(bundle)}/start`, {}, none);
  const report = (result: string) =>
    otherNode.organization.call(`/v1/grants/${idOf(bundle)}/outcome`, { result }, none);
  await expect(start(otherNode)).rejects.toEqual(refused('grant-invalid'));
  await expect(report('completed')).rejects.toEqual(refused('grant-invalid'));

  expect(await release(otherLaptop, bundle)).toBe('grant-invalid');
  expect(await release(kiosk, { ...bundle, grant: { ...bundle.grant, signer: kiosk.id } })).toBe('grant-invalid');
  expect(await release(kiosk, bundle)).toBe('completed');
  expect(await release(kiosk, bundle)).toBe('grant-used');
  await expect(start(mesh.device)).rejects.toEqual(refused('grant-used'));
  await expect(claim(job, anna)).rejects.toEqual(refused('job-already-released'));
});

it('a grant that was kept is worth nothing later', async () => {
  const late = await print();
  const bundle = await claim(late, anna);
  mesh.rig.clock.advance(31_000);
  expect(await release(kiosk, bundle)).toBe('grant-expired');
});

it('an enrollment token pairs as many machines as it says', async () => {
  const { handlers } = mesh.rig.coordinator;
  const { token } = await handlers['admin.token.create']({ roles: ['client'], maxUses: 1, hours: 1 }, actor);
  const pair = (name: string, roles: ('client' | 'node')[]) =>
    pairDevice({
      ...{ token, name, roles, secrets: plainSecrets, clock: systemClock, logger: silentLogger },
      dataDir: `${mesh.rig.dataDir}/../${name}`,
      signal: never,
      onCode: () => {}
    });
  await expect(pair('of another role', ['node'])).rejects.toEqual(refused('not-allowed'));
  await pair('first', ['client']);
  await expect(pair('second', ['client'])).rejects.toEqual(refused('token-invalid'));
});
