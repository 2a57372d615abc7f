import { randomBytes } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src-main/base/clock.ts';
import { silentLogger } from '../../src-main/base/logger.ts';
import { actor, type TestDevice, until } from '../../src-main/coordinator/testing/rig.ts';
import type { ScriptedPrinter } from '../../src-main/delivery/testing/printer.ts';
import type { ClientJobs } from '../../src-main/jobs/client-jobs.ts';
import { type CapsuleKeeper, openCapsuleKeeper } from '../../src-main/jobs/offline-capsule.ts';
import { openOfflineMemory } from '../../src-main/jobs/offline-memory.ts';
import { offlineOrganization } from '../../src-main/jobs/offline-station.ts';
import { createStationSession, type StationSession } from '../../src-main/jobs/station-session.ts';
import { chunks, never, one } from '../../src-main/jobs/testing/client.ts';
import { createNodeClient } from '../../src-main/mesh/node-client.ts';
import type { JobId, PrinterId } from '../../src-preload/contract/index.ts';
import { type Mesh, startMesh } from '../always-verify/mesh.ts';

/** The coordinator goes away and comes back: what is released meanwhile is printed once, and known afterwards. */
const pin = '604173';
let mesh: Mesh;
let client: { device: TestDevice; jobs: ClientJobs };
let printer: { id: PrinterId; printer: ScriptedPrinter };
let station: TestDevice;
let capsule: CapsuleKeeper;
let session: StationSession;
let nodes: TestDevice[];
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  mesh = await startMesh();
  const { handlers } = mesh.rig.coordinator;
  await handlers['admin.user.add']({ name: 'Ada', pin }, actor);
  await handlers['admin.user.add']({ name: 'Bob', pin: '815290' }, actor);
  await handlers['admin.policy.set']({ offlineHours: 8 }, actor);
  nodes = [mesh.device, (await mesh.addNode('b')).device, (await mesh.addNode('c')).device];
  printer = await mesh.addPrinter('Hall');
  client = await mesh.addClient('laptop', 'Ada');
  station = await mesh.rig.pair('station', ['station']);
  const { identity, organization, dataDir } = station;
  const ports = { identity, organization, clock: systemClock, logger: silentLogger };
  const transport = createNodeClient(ports);
  capsule = await openCapsuleKeeper({ ...ports, dataDir });
  const memory = await openOfflineMemory(dataDir, systemClock);
  const standIn = offlineOrganization({ ...ports, transport, capsule, memory });
  session = createStationSession({ ...ports, organization: standIn, transport, idleSeconds: 600 });
  closers.push(
    () => transport.close(),
    () => capsule.close(),
    () => session.signOut()
  );
  const all = [...nodes, client.device, station];
  await Promise.all(
    all.map(({ organization }) => until(organization, () => organization.directory()?.offlineKey !== undefined))
  );
  await has(capsule, () => capsule.until() !== null);
}, 120_000);
afterAll(async () => {
  for (const close of closers.reverse()) await close();
  await mesh.close();
});

interface Changing {
  onChange(listener: () => void): () => void;
}
function has(of: Changing, holds: () => boolean): Promise<void> {
  if (holds()) return Promise.resolve();
  return new Promise((resolve) => {
    const off = of.onChange(() => {
      if (!holds()) return;
      off();
      resolve();
    });
  });
}
async function print(title: string, document: Buffer): Promise<JobId> {
  const { jobs } = client;
  const job = jobs.begin({ title, userName: 'ada', attributes: '', held: false });
  await jobs.documents(job, one(chunks(document)), never);
  return job;
}
const cutOff = () =>
  Promise.all(
    [...nodes, client.device, station].map(({ organization }) => until(organization, () => !organization.connected()))
  );
/** How many nodes have said yes to a release of which job, as their disks say. */
async function readClaims(of: readonly TestDevice[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { id } of of) {
    const text = await readFile(join(mesh.rig.dataDir, '..', id, 'claims.jsonl'), 'utf8');
    for (const line of text.split('\n').filter(Boolean)) {
      const { job } = JSON.parse(line) as { job?: string };
      if (job) counts.set(job, (counts.get(job) ?? 0) + 1);
    }
  }
  return counts;
}
const documents = () => printer.printer.jobs.map(({ documents: [one] }) => Buffer.concat(one?.pieces ?? []));

it('a job is released while the coordinator is away, once, and the coordinator hears of it', async () => {
  const document = randomBytes(5000);
  const job = await print('Offer', document);
  await has(client.jobs, () => client.jobs.get(job)?.holders.length === 2);

  await mesh.rig.restart(async () => {
    await cutOff();
    await expect(session.signIn('Ada', '000001')).rejects.toMatchObject({ code: 'pin-wrong' });
    await session.signIn('Ada', pin);
    expect(session.session()?.jobs).toMatchObject([{ id: job, state: 'held', title: 'Offer' }]);
    await session.release(job, printer.id, false);
    await has(session, () => session.session()?.jobs[0]?.state === 'completed');
    expect(documents()).toEqual([document]);

    // Whoever else asks is refused: a majority has said yes to the first.
    await session.signOut();
    await session.signIn('Ada', pin);
    expect(session.session()?.jobs).toMatchObject([{ id: job, state: 'printing' }]);
    await expect(session.release(job, printer.id, false)).rejects.toMatchObject({ code: 'claim-elsewhere' });
    expect(documents()).toHaveLength(1);
  });

  await has(client.jobs, () => client.jobs.get(job)?.state === 'completed');
  const rows = await mesh.rig.coordinator.handlers['admin.audit.list']({ after: 0, limit: 1000 }, actor);
  const said = rows.filter(({ action }) => action === 'grant.offline');
  expect(said).toMatchObject([{ detail: { job, offline: true, device: station.id, doubts: [] } }]);
  expect(rows.some(({ action, subject }) => action === 'job.completed' && subject === job)).toBe(true);
  expect(documents()).toHaveLength(1);
}, 120_000);

it('a release by the coordinator takes the same claim at a majority', async () => {
  const job = await print('Letter', randomBytes(3000));
  await has(client.jobs, () => client.jobs.get(job)?.holders.length === 2);
  const before = documents().length;
  // The coordinator has only just come back.
  const { organization } = client.device;
  await until(organization, () => nodes.every(({ id }) => organization.online().has(id)));

  await client.jobs.release({ job, printer: printer.id, pin, acceptSecondCopy: false });
  expect(documents()).toHaveLength(before + 1);
  expect((await readClaims(nodes)).get(job)).toBeGreaterThanOrEqual(2);
});

it('nothing is released offline when the policy is off, and the capsule is gone', async () => {
  const { handlers } = mesh.rig.coordinator;
  const gone = has(capsule, () => capsule.until() === null);
  await handlers['admin.policy.set']({ offlineHours: 0 }, actor);
  await gone;
  await expect(access(join(station.dataDir, 'capsule.json'))).rejects.toMatchObject({ code: 'ENOENT' });
  await until(client.device.organization, () => client.device.organization.directory()?.offlineKey === undefined);
  const rows = await handlers['admin.audit.list']({ after: 0, limit: 1000 }, actor);
  expect(rows.map(({ action }) => action)).toContain('offline.key-destroyed');
  await mesh.rig.restart(async () => {
    await cutOff();
    await expect(session.signIn('Ada', pin)).rejects.toMatchObject({ code: 'coordinator-unreachable' });
  });
}, 60_000);
