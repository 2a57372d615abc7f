import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobId } from '../../src-preload/contract/ids.ts';
import type { ClientJobs } from './client-jobs.ts';
import type { StationSession } from './station-session.ts';
import { createTestClient, type TestClient, ticket, until } from './testing/client.ts';
import { printedText } from './testing/released.ts';

let client: TestClient;
let station: StationSession;
beforeEach(async () => {
  client = await createTestClient({ custody: 'strict' });
  station = client.station();
});
afterEach(() => client.remove());

const release = (job: JobId, jobs: ClientJobs = client.jobs) =>
  jobs.release({ job, printer: client.organization.printer, pin: '1234', acceptSecondCopy: false });

const printed = (job: JobId) => printedText(client, job);
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
    expect(await printed(job)).toBe('document');
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
    expect(await printed(job)).toBe('document');
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
    expect(await printed(job)).toBe('document');
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
