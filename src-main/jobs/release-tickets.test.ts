import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { openTicket, writeTicket } from '../sealing/release-ticket.ts';
import type { StationSession } from './station-session.ts';
import { createTestClient, ticket as printTicket, type TestClient } from './testing/client.ts';
import { releasedParts } from './testing/released.ts';

let client: TestClient;
let station: StationSession;
let job: JobId;
beforeEach(async () => {
  client = await createTestClient({ custody: 'strict' });
  station = client.station();
  job = await client.print(Buffer.from('document'));
});
afterEach(() => client.remove());

const take = (of = job, pin = '1234') => client.jobs.ticket({ job: of, pin });
const read = (text: string) => {
  const { client: laptop } = client.organization;
  return openTicket(text, { publicKeyOf: () => laptop.signing.publicKey, now: client.clock.now() });
};
const release = () => station.release(job, client.organization.printer, false);
const shown = () => station.session()?.jobs.find(({ id }) => id === job);
const bundles = () => client.mesh.all().flatMap((node) => node.bundles);
/** J, as the releasing node gets it. */
const received = async () => (await releasedParts(client, job)).parts.jobPart;
const revoke = (id: DeviceId) =>
  client.organization.change((directory) => ({
    ...directory,
    devices: directory.devices.map((device) => (device.id === id ? { ...device, status: 'revoked' } : device))
  }));

describe('taking a ticket', () => {
  it('takes the PIN and the coordinator, which does not see it', async () => {
    await expect(take(job, '9999')).rejects.toMatchObject({ code: 'pin-wrong' });
    const { text, expires } = await take();
    expect(read(text)).toMatchObject({ job, device: client.organization.client.id, expires: Date.parse(expires) });
    expect(client.organization.calls).toContain(`/v1/jobs/${job}/ticket`);
    expect(client.organization.sessions.size).toBe(0);
    client.organization.connect(false);
    await expect(take()).rejects.toMatchObject({ code: 'coordinator-unreachable' });
  });

  it('gives none that the coordinator refuses to write down, or for a job that has ended', async () => {
    client.organization.refuse((path) => (path.endsWith('/ticket') ? new LetterlockError('suspended') : undefined));
    await expect(take()).rejects.toMatchObject({ code: 'suspended' });
    client.organization.refuse(undefined);
    await client.jobs.cancel(job);
    await expect(take()).rejects.toMatchObject({ code: 'job-not-releasable' });
  });

  it('lasts a day at the most, and no longer than the job', async () => {
    const now = client.clock.now();
    const { expires } = await take();
    expect(Date.parse(expires)).toBeLessThanOrEqual(now + 86_400_000);
    expect(read((await take()).text).expires).toBeLessThanOrEqual(Date.parse(client.jobs.get(job)?.expires ?? ''));
  });
});

describe('a ticket at a station', () => {
  it('prints while the computer that printed the job is off, and tells the title', async () => {
    const { text } = await take();
    await client.jobs.close();
    await station.signIn('ada', '1234');
    expect(shown()).toMatchObject({ title: null, custody: 'strict' });
    expect(shown()).not.toHaveProperty('ticket');
    expect(await station.ticket(text)).toBe(job);
    expect(shown()).toMatchObject({ title: printTicket.title, ticket: true });
    await release();
    expect(await received()).toEqual(read(text).jobPart);
  });

  it('counts for its visit only', async () => {
    const { text } = await take();
    await station.signIn('ada', '1234');
    await station.ticket(text);
    await station.signOut();
    await expect(station.ticket(text)).rejects.toMatchObject({ code: 'session-expired' });
    await station.signIn('ada', '1234');
    expect(shown()).toMatchObject({ title: null });
    const released = release();
    released.catch(() => {});
    await expect.poll(() => client.jobs.approvals.list().length).toBe(1); // the laptop is asked, as without one
    expect(shown()).toMatchObject({ progress: { phase: 'approving' } });
    await client.jobs.approvals.answer(client.jobs.approvals.list()[0]?.id as never, false);
    await expect(released).rejects.toMatchObject({ code: 'approval-declined' });
    expect(bundles()).toEqual([]);
  });

  it('is not kept by who signed out while it was looked at', async () => {
    const { text } = await take();
    await station.signIn('ada', '1234');
    const looked = station.ticket(text);
    await station.signOut();
    await expect(looked).rejects.toMatchObject({ code: 'session-expired' });
  });

  it('is refused where it is not what this organization’s own machine made of this job', async () => {
    const { client: laptop, nodes } = client.organization;
    const good = read((await take()).text);
    const other = await client.print(Buffer.from('other'));
    const theirs = read((await take(other)).text);
    const [node] = nodes;
    if (!node) throw new Error('no node');
    await station.signIn('ada', '1234');
    const forged: [string, string][] = [
      ['no ticket', '04A1B2C3'],
      ['signed by a node', await writeTicket({ ...good, device: node.id }, node.signing)],
      ['signed by another in its name', await writeTicket(good, node.signing)],
      ['another job’s part', await writeTicket({ ...good, jobPart: theirs.jobPart }, laptop.signing)]
    ];
    for (const [name, text] of forged)
      await expect(station.ticket(text), name).rejects.toMatchObject({ code: 'ticket-invalid' });
    const unknown = await writeTicket(
      { ...good, job: '3f0f8d3e-6a0e-4a51-9a5b-0c1d2e3f4a5b' as JobId },
      laptop.signing
    );
    await expect(station.ticket(unknown)).rejects.toMatchObject({ code: 'ticket-not-listed' });
    expect(station.session()?.jobs.some((one) => one.ticket || one.title)).toBe(false);
  });

  it('is refused when it is over, and when its maker is not approved any more', async () => {
    const { text } = await take();
    const soon = await writeTicket({ ...read(text), expires: client.clock.now() }, client.organization.client.signing);
    await station.signIn('ada', '1234');
    await expect(station.ticket(soon)).rejects.toMatchObject({ code: 'ticket-expired' });
    revoke(client.organization.client.id);
    await expect(station.ticket(text)).rejects.toMatchObject({ code: 'ticket-invalid' });
  });

  it('lets its part go under no grant for anything else', async () => {
    const { text } = await take();
    await station.signIn('ada', '1234');
    await station.ticket(text);
    client.organization.misdirect = true;
    await expect(release()).rejects.toMatchObject({ code: 'grant-invalid' });
    expect(bundles()).toEqual([]);
  });

  it('says so when no machine that holds the job answers', async () => {
    const { text } = await take();
    await station.signIn('ada', '1234');
    for (const node of client.mesh.all()) node.faults.dead = true;
    await expect(station.ticket(text)).rejects.toMatchObject({ code: 'node-unreachable' });
  });
});
