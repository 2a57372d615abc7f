import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import { silentLogger } from '../base/logger.ts';
import { openStatement } from '../identity/signed-statement.ts';
import { Grant } from '../protocol/device-api.ts';
import { openManifest } from '../sealing/manifest.ts';
import { openReleasedParts } from '../sealing/release-parts.ts';
import { openSealedJob } from '../sealing/sealed-job.ts';
import type { ClientJobs } from './client-jobs.ts';
import { createStationSession, type StationSession } from './station-session.ts';
import { createTestClient, type TestClient, ticket, until } from './testing/client.ts';

let client: TestClient;
let station: StationSession;
beforeEach(async () => {
  client = await createTestClient({ custody: 'strict' });
  const { organization, mesh, clock } = client;
  station = createStationSession({
    identity: organization.station,
    organization: organization.asSeenBy(organization.station),
    transport: mesh.transport,
    clock,
    logger: silentLogger,
    idleSeconds: 60
  });
});
afterEach(async () => {
  await station.signOut();
  await client.remove();
});

const release = (job: JobId, jobs: ClientJobs = client.jobs) =>
  jobs.release({ job, printer: client.organization.printer, pin: '1234', acceptSecondCopy: false });

/** What a node prints with what it was given, or its refusal. */
async function printed(node: DeviceId, job: JobId): Promise<string> {
  const { machine, bundles, replicas } = client.mesh.node(node);
  const [bundle, replica] = [bundles.at(-1), replicas.get(job)];
  if (!bundle?.jobPart || !replica) throw new Error('nothing to print');
  const publicKey = client.organization.coordinator.signing.publicKey;
  const own = { id: node, key: machine.sealing };
  const { id: grant, printer } = openStatement({
    ...{ kind: 'grant', signed: bundle.grant, publicKey, schema: Grant, maxBytes: 4096, code: 'grant-invalid' as const }
  });
  const sealed = { organizationPart: bundle.parts, jobPart: bundle.jobPart };
  const parts = await openReleasedParts(sealed, { job, grant, printer, node: own });
  const manifest = openManifest(replica.manifest, client.organization.client.signing.publicKey);
  const opened = await openSealedJob({ manifest, sealedKey: replica.sealedKey, node: own, parts });
  const pieces: Buffer[] = [];
  const blob = async function* () {
    yield replica.blob;
  };
  for await (const piece of opened.openBlob(blob())) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
const releasing = () => client.mesh.all().find(({ bundles }) => bundles.length > 0)?.machine.id as DeviceId;
const kept = async (job: JobId) =>
  JSON.parse(await readFile(join(client.dataDir, 'jobs', job, 'job.json'), 'utf8')).jobPart;
/** The first question that reaches the laptop. */
const asked = () =>
  new Promise<ReturnType<ClientJobs['approvals']['list']>[number]>((resolve) => {
    const look = () => {
      const [first] = client.jobs.approvals.list();
      if (!first) return;
      off();
      resolve(first);
    };
    const off = client.jobs.onChange(look);
    look();
  });

describe('a job in strict custody', () => {
  it('is released on its own device, and its part is kept nowhere else and no longer', async () => {
    const job = await client.print(Buffer.from('document'));
    expect(client.organization.jobs.get(job)?.registration.jobPart).toBeNull();
    expect(await kept(job)).toMatchObject({ enc: expect.any(String) });
    await release(job);
    expect(await printed(releasing(), job)).toBe('document');
    await until(client.jobs, job, ({ state }) => state === 'completed');
    await client.jobs.close();
    expect(await kept(job)).toBeNull();
  });

  it('waits in the outbox and through a restart with its part', async () => {
    for (const node of client.mesh.all()) node.faults.dead = true;
    const job = await client.print(Buffer.from('document'));
    const again = await client.restart();
    for (const node of client.mesh.all()) node.faults.dead = false;
    client.organization.change();
    await until(again, job, ({ inOutbox, holders }) => !inOutbox && holders.length > 0);
    await release(job, again);
    expect(await printed(releasing(), job)).toBe('document');
  });

  it('is printed at a station when its owner approves on the laptop, and its title is not shown there', async () => {
    const job = await client.print(Buffer.from('document'));
    await station.signIn('ada', '1234');
    expect(station.session()?.jobs).toMatchObject([{ id: job, title: null, custody: 'strict' }]);
    const released = station.release(job, client.organization.printer, false);
    const question = await asked();
    expect(question).toMatchObject({ job, title: ticket.title, printer: 'Printer 1', station: 'kiosk' });
    expect(station.session()?.jobs).toMatchObject([{ progress: { phase: 'approving' } }]);
    expect(client.mesh.all().flatMap(({ bundles }) => bundles)).toEqual([]);
    await client.jobs.approvals.answer(question.id, true);
    expect((await released).state).toMatch(/printing|completed/);
    expect(await printed(releasing(), job)).toBe('document');
    expect(client.jobs.approvals.list()).toEqual([]);
    await expect(client.jobs.approvals.answer(question.id, true)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('stays held when its owner declines', async () => {
    const job = await client.print(Buffer.from('document'));
    await station.signIn('ada', '1234');
    const released = station.release(job, client.organization.printer, false);
    released.catch(() => {});
    await client.jobs.approvals.answer((await asked()).id, false);
    await expect(released).rejects.toMatchObject({ code: 'approval-declined' });
    expect(station.session()?.jobs).toMatchObject([{ state: 'held', failure: { code: 'approval-declined' } }]);
    expect(client.mesh.all().flatMap(({ bundles }) => bundles)).toEqual([]);
  });

  it('is let go for nothing but what was asked for here', async () => {
    const job = await client.print(Buffer.from('document'));
    client.organization.misdirect = true;
    await expect(release(job)).rejects.toMatchObject({ code: 'grant-invalid' });
    expect(client.mesh.all().flatMap(({ bundles }) => bundles)).toEqual([]);
  });

  it('is not taken from somebody who signs in where others do', () => {
    expect(client.jobs.refusal({ guest: true })).toMatchObject({ code: 'policy-refused' });
    expect(client.jobs.refusal()).toBeNull();
  });
});
