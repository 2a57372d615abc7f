import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import type { JobId } from '../../src-preload/contract/ids.ts';
import type { PolicyRule } from '../../src-preload/contract/index.ts';
import { LetterlockError } from '../base/errors.ts';
import { MiB } from '../base/limits.ts';
import { openManifest } from '../sealing/manifest.ts';
import { createTestClient, documentOf, never, one, type TestClient, ticket, until } from './testing/client.ts';
import { openSession } from './user-session.ts';

/** A job counts as sent once as many nodes as the write quorum have it on disk; until then this machine keeps what it has. */
let client: TestClient;
afterEach(() => client.remove());

const create = async (options: { nodes?: number; replicas?: number; quorum?: number } = {}) => {
  client = await createTestClient({ nodes: 2, quorum: 2, ...options });
  return client;
};
const node = (index: number) => {
  const found = client.mesh.all()[index];
  if (!found) throw new Error('no such node');
  return found;
};
const wake = (index: number, dead = false) => {
  node(index).faults.dead = dead;
  client.organization.change();
};
const keptHere = () => readdir(join(client.dataDir, 'outbox'));
const document = randomBytes(2 * MiB + 1);
const belowQuorum = async (): Promise<JobId> => {
  await create();
  node(1).faults.dead = true;
  const job = await client.print(document);
  await until(client.jobs, job, ({ forecast }) => forecast?.quorum?.have === 1);
  return job;
};
const registered = async (job: JobId, holders: number) => {
  // The client's word is out once its view says nothing of it any more; the coordinator's answer comes with the next turn.
  await expect.poll(() => client.organization.jobs.get(job)?.holders.length).toBe(holders);
};

it('below it a job is at the node that answers, where it can be released, and here until another one has it', async () => {
  const job = await belowQuorum();
  expect(client.jobs.get(job)).toMatchObject({
    state: 'held',
    inOutbox: true,
    safeToClose: false,
    forecast: { reason: 'below-quorum', quorum: { have: 1, need: 2 } }
  });
  await registered(job, 1);
  expect(await keptHere()).toEqual([job]);

  wake(1);
  const view = await until(client.jobs, job, ({ safeToClose }) => safeToClose);
  expect(view).toMatchObject({ inOutbox: false, forecast: { reason: 'enough' } });
  expect(view.forecast?.quorum).toBeUndefined();
  await registered(job, 2);
  for (const holder of client.mesh.holders(job))
    expect((await client.mesh.open(holder, job)).document.equals(document)).toBe(true);
  await client.jobs.close();
  expect(await keptHere()).toEqual([]);
});

it('a node that falls away in the middle leaves what is durable; the others make the copy that is missing', async () => {
  await create();
  node(0).faults.refuseAt = { bytes: MiB, error: new LetterlockError('storage-full') };
  const job = client.jobs.begin(ticket);
  const views: unknown[] = [];
  client.jobs.onChange(() => views.push(client.jobs.get(job)?.forecast?.quorum));
  await client.jobs.documents(job, documentOf(document), never);
  await until(client.jobs, job, ({ safeToClose }) => safeToClose);
  expect(views).toContainEqual({ have: 1, need: 2 });
  expect(client.mesh.holders(job)).toHaveLength(2);
});

it('a lone holder that is lost is made good from here', async () => {
  const job = await belowQuorum();
  const [lost] = client.mesh.holders(job);
  const said = { id: job, state: 'held', printer: null } as const;
  node(0).faults.dead = true;
  client.organization.tell({ ...said, holders: [] }); // revoked, say
  await until(client.jobs, job, ({ holders }) => holders.length === 0);
  wake(1);
  await until(client.jobs, job, ({ holders }) => holders.length === 1);
  expect(client.mesh.holders(job).filter((id) => id !== lost)).toEqual([node(1).machine.id]);
});

it('a copy that the nodes made themselves counts, and what is kept here goes', async () => {
  const job = await belowQuorum();
  const holders = client.mesh.all().map(({ machine }) => machine.id);
  client.organization.tell({ id: job, state: 'held', printer: null, holders });
  expect(await until(client.jobs, job, ({ inOutbox }) => !inOutbox)).toMatchObject({ state: 'held' });
  await client.jobs.close();
  expect(await keptHere()).toEqual([]);
});

it('one that is printed meanwhile is not kept here any longer', async () => {
  const job = await belowQuorum();
  client.organization.tell({ id: job, state: 'completed', printer: null, holders: [] });
  await until(client.jobs, job, ({ state }) => state === 'completed');
  await expect.poll(keptHere).toEqual([]);
});

it('one that is canceled ends everywhere; while the coordinator is away it waits on', async () => {
  const job = await belowQuorum();
  await registered(job, 1);
  client.organization.connect(false);
  await expect(client.jobs.cancel(job)).rejects.toMatchObject({ code: 'coordinator-unreachable' });
  expect(await keptHere()).toEqual([job]);
  client.organization.connect(true);
  await client.jobs.cancel(job);
  expect(client.organization.jobs.get(job)?.state).toBe('canceled');
  expect(await keptHere()).toEqual([]);
});

it('a crash changes nothing: the missing copy is made afterwards', async () => {
  const job = await belowQuorum();
  const copy = await mkdtemp(join(tmpdir(), 'letterlock-crash-'));
  await cp(client.dataDir, copy, { recursive: true });
  await client.jobs.close();
  await rm(client.dataDir, { recursive: true });
  await cp(copy, client.dataDir, { recursive: true });
  await rm(copy, { recursive: true });
  node(1).faults.dead = false;
  const again = await client.restart();
  expect(await until(again, job, ({ safeToClose }) => safeToClose)).toMatchObject({ inOutbox: false });
  expect(client.mesh.holders(job)).toHaveLength(2);
});

it('what may not wait here is refused below it, before it is read', async () => {
  await create();
  node(1).faults.dead = true;
  const { organization, jobs } = client;
  const owner = await openSession(organization.asSeenBy(organization.client), 'ada', '1234');
  const job = jobs.begin({ ...ticket, owner });
  let read = false;
  async function* unread() {
    read = true;
    yield document;
  }
  await expect(jobs.documents(job, one(unread()), never)).rejects.toMatchObject({ code: 'node-unreachable' });
  expect(read).toBe(false);
  expect(client.mesh.holders(job)).toEqual([]);
  expect(await keptHere()).toEqual([]);
});

it('a rule decides it for its people, never beyond their copies, and the manifest says how many copies they want', async () => {
  await create({ nodes: 3, replicas: 2, quorum: 1 });
  const words = 'Contracts are kept well';
  const effects = { replicas: 1, quorum: 3 } as const;
  const rule: PolicyRule = { id: 'r', words, user: client.organization.owner, effects };
  client.organization.change((directory) => ({ ...directory, rules: { version: 2, list: [rule] } }));
  const job = await client.print(document);
  expect(client.jobs.get(job)).toMatchObject({ inOutbox: false, forecast: { reason: 'enough', wanted: 1 } });
  const signed = client.organization.jobs.get(job)?.registration.manifest;
  expect(signed && openManifest(signed, client.organization.client.signing.publicKey)).toMatchObject({
    v: 2,
    copies: 1
  });
  client.organization.change((directory) => ({ ...directory, rules: { version: 3, list: [] } }));
  const other = await client.print(document);
  const plain = client.organization.jobs.get(other)?.registration.manifest;
  expect(plain && openManifest(plain, client.organization.client.signing.publicKey).copies).toBeUndefined();
});

it('whatever nodes do, what is kept here goes only when enough have it, and nothing is lost', async () => {
  const turn = fc.record({ node: fc.nat(2), fault: fc.constantFrom('dead', 'alive', 'full', 'short') });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(turn, { maxLength: 8 }), async (quorum, turns) => {
      await create({ nodes: 3, replicas: 3, quorum });
      try {
        for (const { node: index, fault } of turns.slice(0, 4)) misbehave(index, fault);
        const job = client.jobs.begin(ticket);
        const taken = client.jobs.documents(job, documentOf(document), never).then(
          () => true,
          () => false
        );
        let waited = false;
        const wrong: unknown[] = [];
        client.jobs.onChange(() => {
          const view = client.jobs.get(job);
          if (view?.state !== 'held') return;
          const { inOutbox, holders } = view;
          waited ||= inOutbox;
          if (!inOutbox && holders.length < (waited ? quorum : 1)) wrong.push(view);
        });
        if (!(await taken)) {
          expect(client.mesh.holders(job)).toEqual([]);
          return;
        }
        for (const { node: index, fault } of turns.slice(4)) {
          misbehave(index, fault);
          client.organization.change();
          await new Promise((resolve) => setImmediate(resolve));
        }
        for (const index of [0, 1, 2]) misbehave(index, 'alive');
        client.organization.change();
        await client.passing(until(client.jobs, job, ({ safeToClose }) => safeToClose));
        expect(wrong).toEqual([]);
        expect(client.mesh.holders(job)).toHaveLength(3);
        for (const holder of client.mesh.holders(job))
          expect((await client.mesh.open(holder, job)).document.equals(document)).toBe(true);
      } finally {
        await client.remove();
      }
    }),
    { numRuns: 8 }
  );
}, 60_000);

function misbehave(index: number, fault: 'dead' | 'alive' | 'full' | 'short'): void {
  const { faults } = node(index);
  delete faults.dieAt;
  delete faults.refuseAt;
  faults.dead = fault === 'dead';
  if (fault === 'full') faults.refuseAt = { bytes: MiB, error: new LetterlockError('storage-full') };
  if (fault === 'short') faults.dieAt = MiB;
}
