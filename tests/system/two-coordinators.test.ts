import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startTwo, type Two } from '../../src-main/coordinator/cluster/testing/two.ts';
import {
  actor,
  jobEvent,
  printerCertificate,
  sealJob,
  type TestDevice,
  until
} from '../../src-main/coordinator/testing/rig.ts';
import { type ApprovalRequest, GrantBundle, Session, SessionJob } from '../../src-main/protocol/device-api.ts';
import { openJobPart, sealReleasedJobPart } from '../../src-main/sealing/release-parts.ts';
import { openPostgresStore } from '../../src-main/storage/postgres-store.ts';
import type { DeviceId, PrinterId } from '../../src-preload/contract/index.ts';
import { needs } from '../support/needs.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

const none = z.object({});
const pin = '271828';

/** Two coordinators over one real database: whichever one is asked, it is as if there were one. */
describe.runIf(needs('setpriv', 'root'))('two coordinators', () => {
  let server: PostgresServer;
  let two: Two;
  let printer: PrinterId;
  let laptop: TestDevice;
  let node: TestDevice;
  let station: TestDevice;
  const lists = (device: DeviceId) => () => laptop.organization.device(device) !== undefined;

  beforeAll(async () => {
    server = await startPostgres();
    const database = await server.create();
    two = await startTwo(() => openPostgresStore(server.url(database), { password: server.password }));
    const { handlers } = two.first;
    await handlers['admin.user.add']({ name: 'Ada', pin }, actor);
    const address = { name: 'Hall', uri: 'ipps://printer.example/ipp/print', location: '' };
    printer = (await handlers['admin.printer.add'](address, actor)).id;
    const approval = { id: printer, certificateSha256: printerCertificate, grade: 'ipps-required' } as const;
    await two.second.handlers['admin.printer.approve'](approval, actor);
    laptop = await two.pair(two.first, 'laptop', ['client'], 'ada');
    node = await two.pair(two.second, 'node', ['node']);
    station = await two.pair(two.second, 'kiosk', ['station']);
    await until(laptop.organization, lists(node.id));
    await until(laptop.organization, () => laptop.organization.online().has(station.id));
  }, 120_000);
  afterAll(async () => {
    await two?.close();
    await server?.close();
  });

  async function register(custody: 'standard' | 'strict' = 'standard') {
    const job = await sealJob({ client: laptop, nodes: [node], now: Date.now(), change: { custody } });
    await laptop.organization.call('/v1/jobs', job.request, none);
    return job;
  }
  const signIn = async (at: TestDevice) =>
    (await at.organization.call('/v1/sessions', { user: 'Ada', pin }, Session)).session;

  test('give out one directory, of one version and signature, and both addresses', async () => {
    await two.second.handlers['admin.device.list']({}, actor);
    const same = () => laptop.organization.directory()?.version === node.organization.directory()?.version;
    await until(laptop.organization, same);
    expect(laptop.organization.directory()).toEqual(node.organization.directory());
    expect([...(laptop.organization.directory()?.coordinators ?? [])].sort()).toEqual(
      [two.first.deviceUrl, two.second.deviceUrl].sort()
    );
    expect(new Set(laptop.organization.online())).toEqual(new Set([laptop.id, node.id, station.id]));
    expect(await two.first.handlers['admin.coordinator.list']({}, actor)).toHaveLength(2);
  });

  test('a job that one knows is released by the other, and the laptop at the first hears of it', async () => {
    const job = await register();
    const session = await signIn(station);
    const { jobs } = await station.organization.call(
      '/v1/sessions/jobs',
      { session },
      z.object({ jobs: z.array(SessionJob) })
    );
    expect(jobs.map(({ id }) => id)).toContain(job.id);
    const printing = jobEvent(laptop, job.id, ({ state }) => state === 'printing');
    const body = { session, job: job.id, printer, node: node.id };
    const { grant } = await station.organization.call('/v1/grants', body, GrantBundle);
    const { id } = z.object({ id: z.uuid() }).parse(JSON.parse(Buffer.from(grant.payload, 'base64url').toString()));
    await node.organization.call(`/v1/grants/${id}/start`, {}, none);
    await printing;
    const completed = jobEvent(laptop, job.id, ({ state }) => state === 'completed');
    const erased = new Promise((resolve) => {
      const off = node.organization.onErase((order) => {
        if (order.job === job.id) resolve(off());
      });
    });
    await node.organization.call(`/v1/grants/${id}/outcome`, { result: 'completed' }, none);
    await Promise.all([completed, erased]);
  });

  test('what is canceled at the first is erased by a node at the second', async () => {
    const job = await register();
    const erased = new Promise((resolve) => {
      const off = node.organization.onErase((order) => {
        if (order.job === job.id) resolve(off());
      });
    });
    await two.first.handlers['admin.job.cancel']({ id: job.id }, actor);
    await erased;
  });

  test('strict custody: who is asked is connected to another one than who asks', async () => {
    const job = await register('strict');
    const question = asked();
    const session = await signIn(station);
    const body = { session, job: job.id, printer, node: node.id };
    const bundle = station.organization.call('/v1/grants', body, GrantBundle);
    const request = await question;
    expect(request).toMatchObject({ job: job.id, node: node.id, requestedBy: station.id });
    const settled = asked((requests) => requests.length === 0);
    const part = await openJobPart(job.jobPart, {
      job: job.id,
      custodian: { id: laptop.id, key: laptop.identity.sealing }
    });
    const to = { id: node.id, sealingPublicKey: node.identity.sealing.publicKey };
    const jobPart = await sealReleasedJobPart(part, { job: job.id, grant: request.id, printer, node: to });
    await laptop.organization.call(`/v1/approvals/${request.id}`, { jobPart }, none);
    expect((await bundle).jobPart).toEqual(jobPart);
    await settled;
    await expect(laptop.organization.call(`/v1/approvals/${request.id}`, { jobPart }, none)).rejects.toMatchObject({
      code: 'not-found'
    });
    await two.second.handlers['admin.job.cancel']({ id: job.id }, actor).catch(() => {});
  });
  /** The next list of questions on the laptop that is as wanted. */
  const asked = (wanted: (requests: readonly ApprovalRequest[]) => boolean = ({ length }) => length > 0) =>
    new Promise<ApprovalRequest>((resolve) => {
      const off = laptop.organization.onApprovals((requests) => {
        if (!wanted(requests)) return;
        queueMicrotask(() => off());
        resolve(requests[0] as ApprovalRequest);
      });
    });

  test('a session that the first ends is over at the second, and the station is told', async () => {
    const session = await signIn(station);
    const told = new Promise((resolve) => {
      const off = station.organization.onSessionEnded((user) => resolve([user, off()]));
    });
    const ada = (await two.first.handlers['admin.user.list']({}, actor)).find(({ name }) => name === 'Ada');
    await two.first.handlers['admin.user.set-pin']({ id: ada?.id as never, pin: '314159' }, actor);
    await told;
    await expect(station.organization.call('/v1/sessions/jobs', { session }, z.unknown())).rejects.toMatchObject({
      code: 'session-expired'
    });
    await two.second.handlers['admin.user.set-pin']({ id: ada?.id as never, pin }, actor);
  });

  test('acts at both at once make one chain, which both find intact', async () => {
    const users = Array.from({ length: 40 }, (_, i) => `User ${i}`);
    await Promise.all(
      users.map((name, i) => [two.first, two.second][i % 2]?.handlers['admin.user.add']({ name }, actor))
    );
    for (const { handlers } of [two.first, two.second])
      expect(await handlers['admin.audit.verify']({}, actor)).toMatchObject({ intact: true });
  });

  test('a machine that the second revokes is cut off from the first', async () => {
    const other = await two.pair(two.first, 'lost laptop', ['client'], 'ada');
    await two.second.handlers['admin.device.revoke']({ id: other.id }, actor);
    await until(other.organization, () => !other.organization.connected());
    await until(laptop.organization, () => !laptop.organization.online().has(other.id));
    await expect(other.organization.call('/v1/presence', { url: null }, none)).rejects.toThrow();
  });

  test('when one goes, its machines go to the other and nothing is lost', async () => {
    const job = await register();
    const there = until(laptop.organization, () => !laptop.organization.connected());
    await two.first.close();
    await there;
    await until(laptop.organization, () => laptop.organization.connected());
    await until(node.organization, () => node.organization.online().has(laptop.id));
    const canceled = jobEvent(laptop, job.id, ({ state }) => state === 'canceled');
    await two.second.handlers['admin.job.cancel']({ id: job.id }, actor);
    await canceled;
    expect(await two.second.handlers['admin.audit.verify']({}, actor)).toMatchObject({ intact: true });
  });
});
