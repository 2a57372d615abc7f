import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { GiB } from '../base/limits.ts';
import { createTestClient, documentOf, never, one, type TestClient, ticket, until } from './testing/client.ts';

let client: TestClient;
beforeEach(async () => {
  client = await createTestClient();
});
afterEach(() => client.remove());

const recordOf = async (job: JobId) =>
  JSON.parse(await readFile(join(client.dataDir, 'jobs', job, 'job.json'), 'utf8'));
const news = (job: JobId, more: object) => ({
  id: job,
  state: 'held' as const,
  holders: client.mesh.holders(job),
  printer: null,
  ...more
});

describe('registration', () => {
  it('waits for the coordinator, through a restart, and is made once it is back', async () => {
    const { organization } = client;
    organization.connect(false);
    const job = await client.print(Buffer.from('x'));
    expect(client.jobs.get(job)).toMatchObject({ state: 'held', safeToClose: false });
    expect(client.mesh.holders(job)).toHaveLength(2);
    await client.jobs.close();
    expect((await recordOf(job)).registration).not.toBeNull();

    const again = await client.restart();
    expect(again.get(job)).toMatchObject({ state: 'held', safeToClose: false });
    organization.connect(true);
    await until(again, job, ({ safeToClose }) => safeToClose);
    expect(organization.jobs.get(job)?.holders.sort()).toEqual(client.mesh.holders(job).sort());
    await again.close();
    expect((await recordOf(job)).registration).toBeNull();
  });

  it('is tried again by itself after an answer that may pass', async () => {
    let first = true;
    client.organization.refuse((path) => {
      const refused = first && path === '/v1/jobs' ? new LetterlockError('rate-limited') : undefined;
      if (path === '/v1/jobs') first = false;
      return refused;
    });
    const job = await client.print(Buffer.from('x'));
    await client.passing(until(client.jobs, job, ({ safeToClose }) => safeToClose));
  });

  it('that is refused ends the job, and the document was not taken', async () => {
    client.organization.refuse((path) => (path === '/v1/jobs' ? new LetterlockError('policy-refused') : undefined));
    const job = client.jobs.begin(ticket);
    await expect(client.jobs.documents(job, documentOf(Buffer.from('x')), never)).rejects.toMatchObject({
      code: 'policy-refused'
    });
    expect(client.jobs.get(job)).toMatchObject({ state: 'aborted', failure: { code: 'policy-refused' } });
    await client.jobs.close();
    expect((await recordOf(job)).registration).toBeNull();
  });

  it('that was interrupted by a crash: the job was not acknowledged, and is canceled where it is known', async () => {
    const job = await client.print(Buffer.from('x'));
    await client.jobs.close();
    const path = join(client.dataDir, 'jobs', job, 'job.json');
    await writeFile(path, JSON.stringify({ ...(await recordOf(job)), state: 'sealing', blob: null, holders: [] }));
    const again = await client.restart();
    expect(again.get(job)?.state).toBe('aborted');
    client.organization.tell(news(job, {}));
    await expect.poll(() => client.organization.jobs.get(job)?.state).toBe('canceled');
  });
});

describe('safe to close', () => {
  it('only while enough other machines are awake, hold it, and the coordinator can say so', async () => {
    const { jobs, organization } = client;
    const job = await client.print(Buffer.from('x'));
    const [holder] = client.mesh.holders(job);
    if (!holder) throw new Error('no holder');
    const safe = () => jobs.get(job)?.safeToClose;
    expect(safe()).toBe(true);
    organization.online.delete(holder);
    organization.change();
    expect(safe()).toBe(false);
    expect(jobs.get(job)?.holders.find(({ id }) => id === holder)?.alive).toBe(false);
    organization.online.add(holder);
    expect(safe()).toBe(true);
    organization.connect(false);
    expect(safe()).toBe(false);
  });

  it('not while a holder says that it leaves, or its battery runs out; and it says what is missing', async () => {
    const { jobs, mesh } = client;
    const job = await client.print(Buffer.from('x'));
    const [holder] = mesh.holders(job);
    if (!holder) throw new Error('no holder');
    expect(jobs.get(job)?.forecast).toEqual({ reason: 'enough', wanted: 2, awake: 2 });
    const good = {
      freeBytes: GiB,
      power: 'mains',
      awakeShare: 1,
      domain: '',
      stationary: true,
      leaving: false
    } as const;
    for (const bad of [{ leaving: true }, { power: 'battery', batteryPercent: 9 }] as const) {
      mesh.node(holder).faults.condition = { ...good, ...bad };
      expect(jobs.get(job)).toMatchObject({ safeToClose: false, forecast: { reason: 'too-few', wanted: 2, awake: 1 } });
    }
    mesh.node(holder).faults.condition = good;
    expect(jobs.get(job)?.safeToClose).toBe(true);
    expect(jobs.get(job)?.forecast?.heard).toBeUndefined(); // the other one has never said
    for (const each of mesh.all()) each.faults.condition = good;
    expect(jobs.get(job)?.forecast?.heard).toBe(isoTime(client.clock.now()));
  });

  it('says why these nodes, also after a restart', async () => {
    const [leaving, small, good] = client.mesh.all();
    if (!leaving || !small || !good) throw new Error('no nodes');
    const said = {
      freeBytes: GiB,
      power: 'mains',
      awakeShare: 1,
      domain: '',
      stationary: true,
      leaving: false
    } as const;
    leaving.faults.condition = { ...said, leaving: true };
    const job = await client.print(Buffer.from('x'));
    const why = client.jobs.get(job)?.why;
    expect(
      why
        ?.filter(({ chosen }) => chosen)
        .map(({ node }) => node)
        .sort()
    ).toEqual(client.mesh.holders(job).sort());
    expect(why?.find(({ node }) => node === leaving.machine.id)).toMatchObject({ chosen: false, reason: 'leaving' });
    await client.jobs.close();
    expect((await client.restart()).get(job)?.why).toEqual(why);
  });

  it('asks for no more nodes than there are', async () => {
    await client.remove();
    client = await createTestClient({ nodes: 1, replicas: 3 });
    const job = await client.print(Buffer.from('x'));
    expect(client.jobs.get(job)).toMatchObject({ safeToClose: true, holders: [{ alive: true }] });
  });

  it('a lone node that comes later gets its replica', async () => {
    const [first, second, third] = client.mesh.all();
    if (!first || !second || !third) throw new Error('no nodes');
    second.faults.dead = true;
    third.faults.dead = true;
    const job = await client.print(Buffer.from('x'));
    expect(client.jobs.get(job)).toMatchObject({ safeToClose: false, holders: [{ id: first.machine.id }] });
    second.faults.dead = false;
    client.organization.change();
    await until(client.jobs, job, ({ safeToClose }) => safeToClose);
    expect(second.replicas.has(job)).toBe(true);
  });
});

describe('news of the coordinator', () => {
  it('moves the job on; at its end no key material is left, and it stays listed for a day', async () => {
    const { jobs, organization } = client;
    const job = await client.print(Buffer.from('x'));
    organization.tell(news(job, { state: 'printing', printer: 'Printer 1' }));
    expect(jobs.get(job)).toMatchObject({ state: 'printing', printer: 'Printer 1' });
    organization.tell(news(job, { state: 'held', code: 'printer-unreachable' }));
    expect(jobs.get(job)).toMatchObject({ state: 'held', failure: { code: 'printer-unreachable' } });
    organization.tell(news(job, { state: 'completed', holders: [] }));
    organization.tell(news(job, { state: 'held' }));
    expect(jobs.get(job)).toMatchObject({ state: 'completed', holders: [], title: ticket.title });
    await jobs.close();
    expect(await recordOf(job)).toMatchObject({ registration: null, inOutbox: false });

    client.clock.advance(25 * 60 * 60 * 1000);
    const again = await client.restart();
    expect(again.list()).toEqual([]);
    await again.close();
    expect(await readdir(join(client.dataDir, 'jobs'))).toEqual([]);
  });

  it('of unknown jobs is ignored', () => {
    client.organization.tell(news('6f9f1d2e-3c8b-4a44-9a39-111111111111' as JobId, { state: 'completed' }));
    expect(client.jobs.list()).toEqual([]);
  });
});

describe('cancel', () => {
  it('asks the coordinator, and its refusal is the answer', async () => {
    const job = await client.print(Buffer.from('x'));
    client.organization.refuse(() => new LetterlockError('job-in-progress'));
    await expect(client.jobs.cancel(job)).rejects.toMatchObject({ code: 'job-in-progress' });
    expect(client.jobs.get(job)?.state).toBe('held');
    client.organization.refuse(undefined);
    await client.jobs.cancel(job);
    expect(client.organization.jobs.get(job)?.state).toBe('canceled');
    expect(client.jobs.get(job)?.state).toBe('canceled');
    await client.jobs.cancel(job);
  });

  it('of a job that the coordinator never heard of makes it impossible to release', async () => {
    client.organization.connect(false);
    const job = await client.print(Buffer.from('x'));
    await client.jobs.cancel(job);
    client.organization.connect(true);
    await client.jobs.close();
    expect(client.organization.jobs.size).toBe(0);
    expect((await recordOf(job)).registration).toBeNull();
  });

  it('before the document came, and of nothing', async () => {
    const job = client.jobs.begin(ticket);
    await client.jobs.cancel(job);
    expect(client.jobs.get(job)?.state).toBe('canceled');
    await expect(client.jobs.documents(job, documentOf(), never)).rejects.toMatchObject({ code: 'conflict' });
    await expect(client.jobs.cancel('6f9f1d2e-3c8b-4a44-9a39-111111111111' as JobId)).rejects.toMatchObject({
      code: 'not-found'
    });
  });
});

describe('the store', () => {
  it('sets a damaged record aside and reads the others', async () => {
    const damaged = await client.print(Buffer.from('x'));
    const whole = await client.print(Buffer.from('y'));
    await client.jobs.close();
    await writeFile(join(client.dataDir, 'jobs', damaged, 'job.json'), '{"v":1,"id":');
    await writeFile(join(client.dataDir, 'jobs', whole, 'job.json.abc.tmp'), 'half');
    await mkdir(join(client.dataDir, 'jobs', 'foreign'));
    const again = await client.restart();
    expect(again.list().map(({ id }) => id)).toEqual([whole]);
    expect((await readdir(join(client.dataDir, 'jobs', damaged)))[0]).toMatch(/damaged/);
    expect(await readdir(join(client.dataDir, 'jobs', whole))).toEqual(['job.json']);
  });

  it('closing breaks off what is being taken in', async () => {
    const job = client.jobs.begin(ticket);
    const taken = client.jobs.documents(
      job,
      one(
        (async function* () {
          yield Buffer.from('x');
          await new Promise(() => {});
        })()
      ),
      never
    );
    const rejected = expect(taken).rejects.toMatchObject({ code: 'engine-unreachable' });
    await client.jobs.close();
    await rejected;
    expect((await recordOf(job)).state).toBe('aborted');
  });

  it('forgets jobs that ended before they are too many: each is a folder, and all are listed at every look', async () => {
    const begun = Array.from({ length: 260 }, () => client.jobs.begin(ticket));
    const last = client.jobs.begin(ticket);
    await Promise.all(begun.map((job) => client.jobs.cancel(job)));
    expect(client.jobs.list().length).toBeLessThanOrEqual(252);
    expect(client.jobs.get(last)).toMatchObject({ state: 'sealing' });
  });
});
