import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LetterlockError } from '../base/errors.ts';
import { MiB } from '../base/limits.ts';
import { rankNodes } from '../protocol/placement.ts';
import { createTestClient, documentOf, never, one, type TestClient, ticket, until } from './testing/client.ts';

let client: TestClient;
beforeEach(async () => {
  client = await createTestClient();
});
afterEach(() => client.remove());

const allFiles = async (folder: string) =>
  Promise.all(
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name)))
  );

describe('a document', () => {
  it.each([0, 1, 65_535, 65_536, 65_537, MiB, 3 * MiB + 12_345])(
    'of %i bytes arrives whole at as many nodes as policy says, and opens with all three parts',
    async (size) => {
      const { jobs, mesh, organization } = client;
      const document = randomBytes(size);
      const job = await client.print(document);

      const holders = mesh.holders(job);
      expect(holders).toHaveLength(2);
      for (const holder of holders) {
        const opened = await mesh.open(holder, job);
        expect(opened.document.equals(document)).toBe(true);
        expect(opened.metadata).toEqual({
          v: 2,
          title: ticket.title,
          attributes: ticket.attributes,
          documents: [{ format: 'application/pdf', size, facts: {} }]
        });
      }
      expect(organization.jobs.get(job)?.holders.sort()).toEqual(holders.sort());
      expect(jobs.get(job)).toMatchObject({
        state: 'held',
        size,
        title: ticket.title,
        owner: 'ada',
        safeToClose: true,
        inOutbox: false
      });
    }
  );

  it('in pieces of any size is the same document', async () => {
    const document = randomBytes(2 * MiB);
    const cuts = [1, 2, 70_000, 70_001, 1_500_000];
    const pieces = [...cuts, document.length].map((end, index) => document.subarray(cuts[index - 1] ?? 0, end));
    const job = client.jobs.begin(ticket);
    await client.jobs.documents(job, documentOf(...pieces), never);
    const [holder] = client.mesh.holders(job);
    expect(holder && (await client.mesh.open(holder, job)).document.equals(document)).toBe(true);
  });

  it('goes at the pace of the slowest node, and no buffer is used again before every node has taken it', async () => {
    const slow = client.mesh.all()[0];
    if (!slow) throw new Error('no node');
    slow.faults.drain = () => new Promise((resolve) => setImmediate(resolve));
    const document = randomBytes(8 * MiB);
    const jobs = await Promise.all([client.print(document), client.print(document), client.print(document)]);
    for (const job of jobs)
      for (const holder of client.mesh.holders(job))
        expect((await client.mesh.open(holder, job)).document.equals(document)).toBe(true);
  });

  it('leaves neither its title nor a key in the open on this disk, and shows the title again after a restart', async () => {
    const job = await client.print(Buffer.from('canary'));
    await client.jobs.close();
    for (const file of await allFiles(client.dataDir)) {
      expect(file.includes('Lovelace')).toBe(false);
      expect(file.includes('canary')).toBe(false);
    }
    const again = await client.restart();
    expect(again.get(job)).toMatchObject({ title: ticket.title, state: 'held' });
  });

  it('spreads over the nodes', async () => {
    const jobs = await Promise.all(Array.from({ length: 24 }, () => client.print(Buffer.alloc(1))));
    expect(jobs).toHaveLength(24);
    for (const { replicas } of client.mesh.all()) expect(replicas.size).toBeGreaterThan(8);
  });
});

describe('when nodes fail', () => {
  it('a node that dies in the middle is left out, and the third one gets its replica from the second', async () => {
    const { jobs, mesh, organization } = client;
    const job = jobs.begin(ticket);
    const candidates = organization.nodes.map(({ id }) => ({
      id,
      roles: ['node'] as const,
      awake: true,
      condition: null
    }));
    const { ranked } = rankNodes(job, candidates, { copies: 2, origin: null, bytes: 0, offlineGrants: false });
    const [victim, second, third] = ranked.map(({ id }) => mesh.node(id));
    if (!victim || !second || !third) throw new Error('no nodes');
    victim.faults.dieAt = 2 * MiB;
    const document = randomBytes(4 * MiB);
    await jobs.documents(job, documentOf(document), never);
    await until(jobs, job, ({ holders }) => holders.length === 2);
    expect(mesh.holders(job).sort()).toEqual([second.machine.id, third.machine.id].sort());
    expect((await mesh.open(third.machine.id, job)).document.equals(document)).toBe(true);
    expect(organization.jobs.get(job)?.holders).toEqual([second.machine.id, third.machine.id]);
  });

  it('the missing replica is made by the holder, and the coordinator is told', async () => {
    await client.remove();
    client = await createTestClient({ nodes: 2 });
    const [first, second] = client.mesh.all();
    if (!first || !second) throw new Error('no nodes');
    first.faults.refuseAt = { bytes: MiB, error: new LetterlockError('storage-full') };
    const job = await client.print(randomBytes(3 * MiB));
    const view = await until(client.jobs, job, ({ holders }) => holders.length === 2);
    expect(view.safeToClose).toBe(true);
    expect(first.replicas.has(job)).toBe(true);
    expect((await client.mesh.open(first.machine.id, job)).document).toHaveLength(3 * MiB);
  });

  it.each([
    ['says it got something else', { wrongDigest: true }],
    ['signs for something else', { wrongReceipt: true }]
  ])('a node that %s does not count as a holder', async (_, faults) => {
    await client.remove();
    client = await createTestClient({ nodes: 2 });
    const [liar] = client.mesh.all();
    if (!liar) throw new Error('no node');
    Object.assign(liar.faults, faults);
    const job = await client.print(randomBytes(MiB));
    expect(client.jobs.get(job)?.holders.map(({ id }) => id)).not.toContain(liar.machine.id);
    expect(client.organization.jobs.get(job)?.holders).not.toContain(liar.machine.id);
  });

  it.each([
    ['node-unreachable', { dieAt: MiB }],
    ['storage-full', { refuseAt: { bytes: MiB, error: new LetterlockError('storage-full') } }],
    ['digest-mismatch', { wrongDigest: true }]
  ])('a document that no node can take is refused with %s, and nothing of it remains', async (code, faults) => {
    for (const node of client.mesh.all()) Object.assign(node.faults, faults);
    const job = client.jobs.begin(ticket);
    await expect(client.jobs.documents(job, documentOf(randomBytes(6 * MiB)), never)).rejects.toMatchObject({ code });
    expect(client.jobs.get(job)).toMatchObject({ state: 'aborted', failure: { code } });
    for (const { staged, replicas } of client.mesh.all()) expect(staged.size + replicas.size).toBe(0);
    expect(await readdir(join(client.dataDir, 'outbox'))).toEqual([]);
    expect(client.organization.jobs.size).toBe(0);
  });

  it('when all nodes die the source is let go at once, although it has no more to say', async () => {
    for (const node of client.mesh.all()) node.faults.dieAt = 1;
    let ended = false;
    async function* stuck() {
      try {
        yield randomBytes(2 * MiB);
        await new Promise(() => {});
      } finally {
        ended = true;
      }
    }
    const job = client.jobs.begin(ticket);
    await expect(client.jobs.documents(job, one(stuck()), never)).rejects.toMatchObject({ code: 'node-unreachable' });
    expect(ended).toBe(false); // it hangs; nobody waits for it
  });
});

describe('when the document fails', () => {
  it('its error is the reason, and nothing remains', async () => {
    async function* cut() {
      yield randomBytes(2 * MiB);
      throw new LetterlockError('upload-truncated');
    }
    const job = client.jobs.begin(ticket);
    await expect(client.jobs.documents(job, one(cut()), never)).rejects.toMatchObject({ code: 'upload-truncated' });
    expect(client.jobs.get(job)?.state).toBe('aborted');
    for (const { staged, replicas } of client.mesh.all()) expect(staged.size + replicas.size).toBe(0);
  });

  it('a cancel in the middle is the end of it', async () => {
    const job = client.jobs.begin(ticket);
    async function* slow() {
      yield randomBytes(MiB);
      await until(client.jobs, job, ({ state }) => state === 'canceled');
    }
    const taken = client.jobs.documents(job, one(slow()), never);
    taken.catch(() => {});
    await until(client.jobs, job, ({ state }) => state === 'sealing');
    await client.jobs.cancel(job);
    await expect(taken).rejects.toMatchObject({ code: 'conflict' });
    expect(client.jobs.get(job)?.state).toBe('canceled');
    for (const { staged, replicas } of client.mesh.all()) expect(staged.size + replicas.size).toBe(0);
  });

  it('comes once only', async () => {
    const job = await client.print(Buffer.from('one'));
    await expect(client.jobs.documents(job, documentOf(), never)).rejects.toMatchObject({ code: 'conflict' });
    expect(client.jobs.get(job)?.state).toBe('held');
  });
});

describe('refusals', () => {
  it('says why no job is taken', () => {
    const { jobs, organization } = client;
    expect(jobs.refusal()).toBeNull();
    const me = organization.client.id;
    organization.change((directory) => ({
      ...directory,
      devices: directory.devices.map((device) => (device.id === me ? { ...device, owner: null } : device))
    }));
    expect(jobs.refusal()?.code).toBe('no-owner');
    expect(() => jobs.begin(ticket)).toThrow(LetterlockError);
    organization.change((directory) => ({ ...directory, devices: [] }));
    expect(jobs.refusal()?.code).toBe('device-not-approved');
    organization.change(() => null);
    expect(jobs.refusal()?.code).toBe('coordinator-unreachable');
  });
});
