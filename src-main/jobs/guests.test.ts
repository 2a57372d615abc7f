import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { MiB } from '../base/limits.ts';
import { openManifest } from '../sealing/manifest.ts';
import type { JobDocument } from './document-sequence.ts';
import { chunks, createTestClient, documentOf, never, one, type TestClient, ticket } from './testing/client.ts';
import { openSession, type UserSession } from './user-session.ts';

/** Jobs of people who sign in at a shared printer, on a machine that has no user of its own. */
let client: TestClient;
let owner: UserSession;
beforeEach(async () => {
  client = await createTestClient();
  const { organization } = client;
  owner = await openSession(organization.asSeenBy(organization.client), 'ada', '1234');
  organization.change((directory) => ({
    ...directory,
    devices: directory.devices.map((device) => ({ ...device, owner: null, ownerName: null }))
  }));
});
afterEach(() => client.remove());

const begin = () => client.jobs.begin({ ...ticket, owner });
async function* oneByOne(...documents: Buffer[]): AsyncGenerator<JobDocument> {
  for (const document of documents) yield { format: 'application/pdf', content: chunks(document), last: false };
}
const nothingRemains = async (job: JobId, code: string) => {
  expect(client.jobs.get(job)).toMatchObject({ state: 'aborted', failure: { code } });
  expect(await readdir(join(client.dataDir, 'outbox'))).toEqual([]);
};
const asleep = () => {
  for (const node of client.mesh.all()) node.faults.dead = true;
};

it('without a session there is nobody to print for', () => {
  expect(client.jobs.refusal()?.code).toBe('no-owner');
  expect(client.jobs.refusal({ guest: true })).toBeNull();
  expect(() => client.jobs.begin(ticket)).toThrow(LetterlockError);
});

it.each([
  ['one document', () => documentOf(randomBytes(2 * MiB))],
  ['documents that come one by one', () => oneByOne(randomBytes(MiB), randomBytes(MiB))]
])('the job is theirs, at the nodes and known when it is taken: %s', async (_, documents) => {
  const { organization, mesh, jobs } = client;
  const job = begin();
  await jobs.documents(job, documents(), never);
  const known = organization.jobs.get(job);
  if (!known) throw new Error('not registered');
  expect(known.registration.session).toBe(owner.session);
  expect(openManifest(known.registration.manifest, organization.client.signing.publicKey).owner).toBe(owner.user.id);
  expect(mesh.holders(job)).toHaveLength(2);
  expect(jobs.get(job)).toMatchObject({ state: 'held', owner: 'ada', inOutbox: false, safeToClose: true });
  expect(await readdir(join(client.dataDir, 'outbox'))).toEqual([]);
});

it('their session is on no disk, while it is taken or after', async () => {
  const job = begin();
  const files = async () => {
    const folder = join(client.dataDir, 'jobs', job);
    return Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  };
  async function* content() {
    yield Buffer.from('x');
    for (const file of await files()) expect(file).not.toContain(owner.session);
  }
  await client.jobs.documents(job, one(content()), never);
  await client.jobs.close();
  for (const file of await files()) expect(file).not.toContain(owner.session);
});

it('with no node in reach the job is refused', async () => {
  asleep();
  for (const documents of [documentOf(randomBytes(10)), oneByOne(randomBytes(10))]) {
    const job = begin();
    await expect(client.jobs.documents(job, documents, never)).rejects.toMatchObject({ code: 'node-unreachable' });
    await nothingRemains(job, 'node-unreachable');
  }
});

it('with no coordinator in reach none is begun, and what was begun is refused', async () => {
  const job = begin();
  client.organization.connect(false);
  expect(client.jobs.refusal({ guest: true })?.code).toBe('coordinator-unreachable');
  expect(begin).toThrow(LetterlockError);
  await expect(client.jobs.documents(job, documentOf(randomBytes(10)), never)).rejects.toMatchObject({
    code: 'coordinator-unreachable'
  });
  await nothingRemains(job, 'coordinator-unreachable');
  client.organization.connect(true);
  expect(client.organization.jobs.has(job)).toBe(false);
});

it('a session that has ended meanwhile is the reason', async () => {
  client.organization.refuse((path) => (path === '/v1/jobs' ? new LetterlockError('session-expired') : undefined));
  const job = begin();
  await expect(client.jobs.documents(job, documentOf(randomBytes(10)), never)).rejects.toMatchObject({
    code: 'session-expired'
  });
  await nothingRemains(job, 'session-expired');
});
