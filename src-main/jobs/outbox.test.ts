import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { MiB } from '../base/limits.ts';
import { createTestClient, documentOf, gate, never, one, type TestClient, ticket, until } from './testing/client.ts';

let client: TestClient;
beforeEach(async () => {
  client = await createTestClient();
  allNodes({ dead: true });
});
afterEach(() => client.remove());

const allNodes = (faults: object) => {
  for (const node of client.mesh.all()) Object.assign(node.faults, faults);
};
const outbox = (...path: string[]) => join(client.dataDir, 'outbox', ...path);
/** The data folder as a crash leaves it now: restart over a copy, so that the running program cannot tidy up. */
const crash = async () => {
  const copy = await mkdtemp(join(tmpdir(), 'letterlock-crash-'));
  await cp(client.dataDir, copy, { recursive: true });
  await client.jobs.close();
  await rm(client.dataDir, { recursive: true });
  await cp(copy, client.dataDir, { recursive: true });
  await rm(copy, { recursive: true });
};
const document = randomBytes(2 * MiB + 1);
const arrivedWhole = async (job: JobId) => {
  const holders = client.mesh.holders(job);
  expect(holders).toHaveLength(2);
  for (const holder of holders) expect((await client.mesh.open(holder, job)).document.equals(document)).toBe(true);
};

describe('with no node in reach', () => {
  it('a job waits sealed on this machine, which is not safe to close, and leaves when a node returns', async () => {
    const { jobs, organization } = client;
    const job = await client.print(document);
    expect(jobs.get(job)).toMatchObject({ state: 'held', inOutbox: true, holders: [], safeToClose: false });
    expect((await readFile(outbox(job, 'blob'))).includes(document.subarray(0, 64))).toBe(false);
    expect(organization.jobs.has(job)).toBe(false);

    allNodes({ dead: false });
    organization.change();
    expect(await until(jobs, job, ({ safeToClose }) => safeToClose)).toMatchObject({ state: 'held', inOutbox: false });
    await arrivedWhole(job);
    await jobs.close();
    expect(await readdir(outbox())).toEqual([]);
  });

  it('it leaves at once when the network comes back', async () => {
    const job = await client.print(document);
    allNodes({ dead: false });
    client.networkChanged();
    await until(client.jobs, job, ({ safeToClose }) => safeToClose);
    await arrivedWhole(job);
  });

  it('it leaves by the clock alone when no event comes', async () => {
    const job = await client.print(document);
    allNodes({ dead: false });
    await client.passing(until(client.jobs, job, ({ safeToClose }) => safeToClose));
    await arrivedWhole(job);
  });

  it('it survives a crash and leaves afterwards', async () => {
    const job = await client.print(document);
    await crash();
    allNodes({ dead: false });
    const again = await client.restart();
    await until(again, job, ({ safeToClose, title }) => safeToClose && title === ticket.title);
    await arrivedWhole(job);
  });

  it('several leave in the order in which they were printed', async () => {
    const printed: JobId[] = [];
    for (let index = 0; index < 4; index++) {
      printed.push(await client.print(randomBytes(10 + index)));
      client.clock.advance(5);
    }
    allNodes({ dead: false });
    client.organization.change();
    await until(client.jobs, printed.at(-1) as JobId, ({ safeToClose }) => safeToClose);
    expect([...client.organization.jobs.keys()]).toEqual(printed);
  });

  it('what a node has against it, even damage of its own, does not end it', async () => {
    const job = await client.print(document);
    const refused = gate();
    const refuseAt = {
      bytes: 0,
      get error() {
        refused.open();
        return new LetterlockError('storage-damaged');
      }
    };
    allNodes({ dead: false, refuseAt });
    client.organization.change();
    await refused.opened;
    allNodes({ refuseAt: undefined });
    expect(await client.passing(until(client.jobs, job, ({ safeToClose }) => safeToClose))).toMatchObject({
      state: 'held'
    });
    await arrivedWhole(job);
  });

  it('a full disk is said, and nothing is begun', async () => {
    client.disk.freeBytes = MiB;
    const job = client.jobs.begin(ticket);
    await expect(client.jobs.documents(job, documentOf(document), never)).rejects.toMatchObject({
      code: 'storage-full'
    });
    expect(await readdir(outbox())).toEqual([]);
  });

  it('a disk that fills in the middle is said, and nothing stays', async () => {
    const job = client.jobs.begin(ticket);
    const letGo = gate();
    async function* growing() {
      try {
        for (let n = 0; n < 80; n++) {
          if (n === 10) client.disk.freeBytes = MiB;
          yield Buffer.alloc(MiB);
        }
      } finally {
        letGo.open();
      }
    }
    await expect(client.jobs.documents(job, one(growing()), never)).rejects.toMatchObject({ code: 'storage-full' });
    expect(await readdir(outbox())).toEqual([]);
    expect(client.jobs.get(job)?.state).toBe('aborted');
    await letGo.opened;
  });

  it('a canceled one is gone', async () => {
    const job = await client.print(document);
    await client.jobs.cancel(job);
    expect(client.jobs.get(job)).toMatchObject({ state: 'canceled', inOutbox: false });
    expect(await readdir(outbox())).toEqual([]);
  });

  it('one that is canceled while it leaves reaches nobody who could release it', async () => {
    const job = await client.print(document);
    const reached = gate();
    allNodes({
      dead: false,
      drain: async () => {
        reached.open();
        await until(client.jobs, job, ({ state }) => state === 'canceled');
      }
    });
    client.organization.change();
    await reached.opened;
    await client.jobs.cancel(job);
    await client.jobs.close();
    expect(client.organization.jobs.has(job)).toBe(false);
    expect(await readdir(outbox())).toEqual([]);
  });

  it('one that nobody fetched in time expires', async () => {
    const job = await client.print(document);
    client.clock.advance(25 * 60 * 60 * 1000);
    await client.passing(until(client.jobs, job, ({ state }) => state === 'expired'));
    await client.jobs.close();
    expect(await readdir(outbox())).toEqual([]);
  });
});

describe('what a crash leaves', () => {
  it('a half-written job, never acknowledged, is removed', async () => {
    const job = client.jobs.begin(ticket);
    const reached = gate();
    async function* stuck() {
      yield document;
      yield document;
      reached.open();
      await new Promise(() => {});
    }
    client.jobs.documents(job, one(stuck()), never).catch(() => {});
    await reached.opened;
    await crash();
    expect(await readdir(outbox(job))).toEqual(['blob']);
    const again = await client.restart();
    expect(again.get(job)).toMatchObject({ state: 'aborted', failure: { code: 'upload-truncated' } });
    expect(await readdir(outbox())).toEqual([]);
  });

  it('a whole one whose record had not been written was not acknowledged either', async () => {
    const job = await client.print(document);
    const record = join(client.dataDir, 'jobs', job, 'job.json');
    await crash();
    const written = JSON.parse(await readFile(record, 'utf8'));
    await writeFile(record, JSON.stringify({ ...written, state: 'sealing', inOutbox: false, blob: null }));
    const again = await client.restart();
    expect(again.get(job)?.state).toBe('aborted');
    expect(await readdir(outbox())).toEqual([]);
  });

  it('a whole one whose record is damaged is kept, without its title', async () => {
    const job = await client.print(document);
    await crash();
    await writeFile(join(client.dataDir, 'jobs', job, 'job.json'), '{"v":1');
    allNodes({ dead: false });
    const again = await client.restart();
    expect(await until(again, job, ({ safeToClose }) => safeToClose)).toMatchObject({
      title: null,
      size: document.length
    });
    await arrivedWhole(job);
    expect((await readdir(join(client.dataDir, 'jobs', job))).some((name) => name.includes('damaged'))).toBe(true);
  });

  it('one that had left, but for its deletion, is not sent again', async () => {
    const job = await client.print(document);
    const kept = await mkdtemp(join(tmpdir(), 'letterlock-kept-'));
    await cp(outbox(job), join(kept, job), { recursive: true });
    allNodes({ dead: false });
    client.organization.change();
    await until(client.jobs, job, ({ safeToClose }) => safeToClose);
    await client.jobs.close();
    await cp(join(kept, job), outbox(job), { recursive: true });
    await rm(kept, { recursive: true });
    const again = await client.restart();
    expect(again.get(job)).toMatchObject({ state: 'held', inOutbox: false });
    expect(await readdir(outbox())).toEqual([]);
  });

  it('one that was committed, but not noted down, is sent again and is one job', async () => {
    const job = await client.print(document);
    await crash();
    const before = await mkdtemp(join(tmpdir(), 'letterlock-before-'));
    await cp(client.dataDir, before, { recursive: true });
    allNodes({ dead: false });
    const second = await client.restart();
    await until(second, job, ({ safeToClose }) => safeToClose);
    await second.close();
    await rm(client.dataDir, { recursive: true });
    await cp(before, client.dataDir, { recursive: true });
    await rm(before, { recursive: true });
    const third = await client.restart();
    await until(third, job, ({ safeToClose }) => safeToClose);
    expect([...client.organization.jobs.keys()]).toEqual([job]);
    await arrivedWhole(job);
  });

  it.each([
    ['cut short', (blob: string) => truncate(blob, 1000)],
    ['flipped', async (blob: string) => writeFile(blob, (await readFile(blob)).fill(7, 500, 501))],
    ['gone', (blob: string) => rm(blob)],
    ['gone with its folder', (blob: string) => rm(join(blob, '..'), { recursive: true })]
  ])('a blob that is %s is never passed on, and the others leave', async (_, damage) => {
    const job = await client.print(document);
    client.clock.advance(5);
    const other = await client.print(document);
    await crash();
    await damage(outbox(job, 'blob'));
    allNodes({ dead: false });
    const again = await client.restart();
    await until(again, other, ({ safeToClose }) => safeToClose);
    expect(await until(again, job, ({ state }) => state === 'aborted')).toMatchObject({
      failure: { code: 'storage-damaged' }
    });
    expect(client.mesh.holders(job)).toEqual([]);
  });

  it('foreign things in the folder harm nothing', async () => {
    await crash();
    await mkdir(outbox('not-a-job'), { recursive: true });
    await writeFile(outbox('file'), 'x');
    const again = await client.restart();
    expect(again.list()).toEqual([]);
    expect((await readdir(outbox())).sort()).toEqual(['file', 'not-a-job']);
  });
});
