import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { createTestClient, gate, type TestClient, until } from './testing/client.ts';
import type { Faults } from './testing/mesh.ts';

let client: TestClient;
let job: JobId;
beforeEach(async () => {
  client = await createTestClient();
  job = await client.print(Buffer.from('document'));
});
afterEach(() => client.remove());

const holders = () => (client.organization.jobs.get(job)?.holders ?? []).map((id) => client.mesh.node(id));
const script = (...release: NonNullable<Faults['release']>) => {
  for (const node of client.mesh.all()) node.faults.release = [...release];
};
const release = (more: { pin?: string; job?: JobId } = {}) =>
  client.jobs.release({ job, printer: client.organization.printer, pin: '1234', acceptSecondCopy: false, ...more });
const releases = () => client.mesh.all().reduce((sum, node) => sum + node.releases, 0);
const grants = () => client.organization.calls.filter((path) => path === '/v1/grants').length;
const started = () => ({ type: 'started' as const, job, bytes: 8 });

describe('a release', () => {
  it('resolves when the printer has the job, and the job goes on to its end', async () => {
    const printed = gate();
    script(started(), { type: 'progress', bytes: 4 }, { type: 'delivered' }, printed.opened, { type: 'completed' });
    const progress: unknown[] = [];
    client.jobs.onChange(() => progress.push(client.jobs.get(job)?.progress));
    const view = await release();
    expect(view).toMatchObject({ state: 'printing', printer: 'Printer 1' });
    expect(progress).toContainEqual({ phase: 'delivering', bytes: 4, total: 8 });
    printed.open();
    expect(await until(client.jobs, job, ({ state }) => state === 'completed')).not.toHaveProperty('progress');
    await client.jobs.close();
    expect(client.organization.sessions.size).toBe(0);
  });

  it('with a wrong PIN asks for no grant and leaves the job as it is', async () => {
    await expect(release({ pin: '9999' })).rejects.toMatchObject({ code: 'pin-wrong' });
    expect(grants()).toBe(0);
    expect(client.jobs.get(job)).toMatchObject({ state: 'held' });
    expect(client.jobs.get(job)).not.toHaveProperty('failure');
  });

  it('goes to another holder when one is dead', async () => {
    const [first] = holders();
    if (first) first.faults.dead = true;
    expect((await release()).state).toMatch(/printing|completed/);
    expect(grants()).toBe(1);
  });

  it('goes to another holder, with another grant, when one dies before it begins; the claim lapses first', async () => {
    const [first, second] = holders();
    if (!first || !second) throw new Error('no holders');
    for (const node of [first, second]) node.faults.release = [new LetterlockError('node-unreachable')];
    let asked = 0;
    client.organization.refuse((path) => {
      if (path !== '/v1/grants' || ++asked === 1) return undefined;
      delete second.faults.release;
      delete first.faults.release;
      return asked < 4 ? new LetterlockError('job-in-progress') : undefined;
    });
    const released = release();
    const tick = setInterval(() => client.clock.advance(500), 1);
    expect((await released.finally(() => clearInterval(tick))).state).toMatch(/printing|completed/);
    expect(asked).toBe(4);
    expect(releases()).toBe(2);
  });

  it('goes to another holder when the coordinator sees the first one asleep', async () => {
    let asked = 0;
    client.organization.refuse((path) =>
      path === '/v1/grants' && ++asked === 1 ? new LetterlockError('node-unreachable') : undefined
    );
    expect((await release()).state).toMatch(/printing|completed/);
    expect(asked).toBe(2);
  });

  it('runs once at a time', async () => {
    const first = release();
    await expect(release()).rejects.toMatchObject({ code: 'job-in-progress' });
    await first;
    expect(grants()).toBe(1);
  });

  it('that somebody else has begun is not waited for', async () => {
    client.organization.refuse((path) => (path === '/v1/grants' ? new LetterlockError('job-in-progress') : undefined));
    await expect(release()).rejects.toMatchObject({ code: 'job-in-progress' });
    expect(client.jobs.get(job)?.state).toBe('held');
  });

  it('that certainly failed holds the job again and says why', async () => {
    script(started(), { type: 'failed', code: 'printer-certificate-changed', uncertain: false });
    await expect(release()).rejects.toMatchObject({ code: 'printer-certificate-changed' });
    expect(client.jobs.get(job)).toMatchObject({ state: 'held', failure: { code: 'printer-certificate-changed' } });
    script(started(), { type: 'delivered' }, { type: 'completed' });
    await release();
    expect(await until(client.jobs, job, ({ state }) => state === 'completed')).not.toHaveProperty('failure');
  });

  it.each([
    ['the node says that it does not know', () => [started(), { type: 'failed', code: 'internal', uncertain: true }]],
    ['the node breaks off after it began', () => [started(), new LetterlockError('node-unreachable')]]
  ] as const)('is uncertain, and is never tried again by itself, when %s', async (_, events) => {
    script(...(events() as NonNullable<Faults['release']>));
    await expect(release()).rejects.toMatchObject({ code: 'job-uncertain' });
    expect(client.jobs.get(job)).toMatchObject({ state: 'uncertain', failure: { code: 'job-uncertain' } });
    expect(releases()).toBe(1);
  });

  it('that goes out of sight after delivery is left to the coordinator', async () => {
    script(started(), { type: 'delivered' }, new LetterlockError('node-unreachable'));
    expect((await release()).state).toBe('printing');
    client.organization.tell({ id: job, state: 'completed', holders: [], printer: 'Printer 1' });
    expect(client.jobs.get(job)?.state).toBe('completed');
  });

  it('of a damaged replica is tried at the other holder', async () => {
    const [first, second] = holders();
    if (!first || !second) throw new Error('no holders');
    first.faults.release = [{ type: 'failed', code: 'seal-broken', uncertain: false }];
    second.faults.release = [{ type: 'failed', code: 'seal-broken', uncertain: false }];
    await expect(release()).rejects.toMatchObject({ code: 'seal-broken' });
    expect(releases()).toBe(2);
    expect(client.jobs.get(job)?.state).toBe('held');
  });

  it('is refused here where it cannot work', async () => {
    await expect(release({ job: '6f9f1d2e-3c8b-4a44-9a39-111111111111' as JobId })).rejects.toMatchObject({
      code: 'not-found'
    });
    client.organization.tell({ id: job, state: 'completed', holders: [], printer: null });
    await expect(release()).rejects.toMatchObject({ code: 'job-already-released' });
    for (const node of client.mesh.all()) node.faults.dead = true;
    const waiting = await client.print(Buffer.from('x'));
    await expect(release({ job: waiting })).rejects.toMatchObject({ code: 'job-not-releasable' });
    client.organization.connect(false);
    for (const node of client.mesh.all()) node.faults.dead = false;
    const unknown = await client.print(Buffer.from('x'));
    await expect(release({ job: unknown })).rejects.toMatchObject({ code: 'coordinator-unreachable' });
  });

  it('with no holder alive says so and stays held', async () => {
    for (const node of client.mesh.all()) node.faults.dead = true;
    await expect(release()).rejects.toMatchObject({ code: 'node-unreachable' });
    expect(grants()).toBe(0);
    expect(client.jobs.get(job)?.state).toBe('held');
  });
});
