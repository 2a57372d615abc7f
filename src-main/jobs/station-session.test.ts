import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import type { StationSession } from './station-session.ts';
import { createTestClient, gate, type TestClient, ticket } from './testing/client.ts';

let client: TestClient;
let station: StationSession;
let job: JobId;
beforeEach(async () => {
  client = await createTestClient();
  job = await client.print(Buffer.from('document'));
  station = client.station();
});
afterEach(() => client.remove());

const shown = () => station.session()?.jobs ?? [];
const coordinatorForgets = () => client.organization.sessions.size === 0;

describe('somebody at a station', () => {
  it('sees their jobs by title, and nobody sees anything before or after', async () => {
    expect(station.session()).toBeNull();
    await station.signIn('ada', '1234');
    expect(station.session()?.user).toBe('ada');
    expect(shown()).toMatchObject([{ id: job, title: ticket.title, state: 'held', size: 8 }]);
    await station.signOut();
    expect(station.session()).toBeNull();
    expect(coordinatorForgets()).toBe(true);
  });

  it('with a wrong PIN is nobody', async () => {
    await expect(station.signIn('ada', '0000')).rejects.toMatchObject({ code: 'pin-wrong' });
    expect(station.session()).toBeNull();
  });

  it('sees no title that the printing device did not sign, and the job all the same', async () => {
    const other = await client.print(Buffer.from('other'));
    for (const { replicas } of client.mesh.all()) {
      const [mine, theirs] = [replicas.get(job), replicas.get(other)];
      if (mine && theirs) replicas.set(job, { ...mine, metadata: theirs.metadata });
      else if (mine) replicas.set(job, { ...mine, metadata: 'AAAA' });
    }
    await station.signIn('ada', '1234');
    expect(shown().find(({ id }) => id === job)).toMatchObject({ title: null, state: 'held' });
    expect(shown().find(({ id }) => id === other)).toMatchObject({ title: ticket.title });
  });

  it('gets titles from any holder that answers', async () => {
    const [first] = client.mesh.holders(job);
    if (first) client.mesh.node(first).faults.dead = true;
    await station.signIn('ada', '1234');
    expect(shown()).toMatchObject([{ title: ticket.title }]);
  });

  it('is not kept waiting by a holder that does not', async () => {
    const { clock, mesh } = client;
    const late = gate();
    const slow = client.station({
      info: async (node, id) => {
        await late.opened;
        return mesh.transport.info(node, id);
      }
    });
    const signed = slow.signIn('ada', '1234');
    const tick = setInterval(() => clock.advance(100), 1);
    await signed.finally(() => clearInterval(tick));
    expect(slow.session()?.jobs).toMatchObject([{ id: job, title: null }]);
    const titled = new Promise<void>((resolve) => {
      slow.onChange(() => slow.session()?.jobs[0]?.title && resolve());
    });
    late.open();
    await titled;
  });

  it('releases several at once and sees how they end', async () => {
    const other = await client.print(Buffer.from('other'));
    await station.signIn('ada', '1234');
    const views = await Promise.all(
      [job, other].map((each) => station.release(each, client.organization.printer, false))
    );
    for (const view of views) expect(view.state).toMatch(/printing|completed/);
    await expect.poll(() => shown().map(({ state }) => state)).toEqual(['completed', 'completed']);
  });

  it('learns why a release failed, and the job is held', async () => {
    for (const node of client.mesh.all())
      node.faults.release = [{ type: 'failed', code: 'printer-unreachable', uncertain: false }];
    await station.signIn('ada', '1234');
    await expect(station.release(job, client.organization.printer, false)).rejects.toMatchObject({
      code: 'printer-unreachable'
    });
    expect(shown()).toMatchObject([{ state: 'held', failure: { code: 'printer-unreachable' } }]);
  });

  it('sees what was printed meanwhile at the next touch, and no longer what is gone', async () => {
    await station.signIn('ada', '1234');
    const other = await client.print(Buffer.from('other'));
    client.organization.jobs.delete(job);
    client.clock.advance(11_000);
    const seen = new Promise<void>((resolve) => {
      station.onChange(() => shown().length === 1 && shown()[0]?.title && shown()[0]?.id === other && resolve());
    });
    station.stay();
    await seen;
  });

  it('cancels', async () => {
    await station.signIn('ada', '1234');
    await station.cancel(job);
    expect(shown()).toMatchObject([{ state: 'canceled' }]);
    expect(client.organization.jobs.get(job)?.state).toBe('canceled');
  });

  it('is signed out when the coordinator says so', async () => {
    await station.signIn('ada', '1234');
    client.organization.refuse(() => new LetterlockError('session-expired'));
    await expect(station.cancel(job)).rejects.toMatchObject({ code: 'session-expired' });
    expect(station.session()).toBeNull();
  });
});

describe('idle', () => {
  it('signs out; a touch begins the time again', async () => {
    const { clock } = client;
    await station.signIn('ada', '1234');
    clock.advance(59_000);
    station.stay();
    clock.advance(59_000);
    expect(station.session()).not.toBeNull();
    clock.advance(1_000);
    expect(station.session()).toBeNull();
    await expect(station.release(job, client.organization.printer, false)).rejects.toMatchObject({
      code: 'session-expired'
    });
  });

  it('does not pass while the printer is busy for them', async () => {
    const { clock, mesh } = client;
    const printed = gate();
    const begun = gate();
    for (const node of mesh.all())
      node.faults.release = [{ type: 'started', job, bytes: 8 }, printed.opened, { type: 'delivered' }];
    await station.signIn('ada', '1234');
    station.onChange(() => shown()[0]?.state === 'printing' && begun.open());
    const released = station.release(job, client.organization.printer, false);
    await begun.opened;
    clock.advance(300_000);
    expect(station.session()).not.toBeNull();
    printed.open();
    await released;
    clock.advance(60_000);
    expect(station.session()).toBeNull();
  });

  it('who signs out while a job is on its way gets it printed', async () => {
    const printed = gate();
    const begun = gate();
    for (const node of client.mesh.all())
      node.faults.release = [{ type: 'started', job, bytes: 8 }, printed.opened, { type: 'delivered' }];
    await station.signIn('ada', '1234');
    station.onChange(() => shown()[0]?.state === 'printing' && begun.open());
    const released = station.release(job, client.organization.printer, false);
    const outcome = expect(released).rejects.toMatchObject({ code: 'session-expired' });
    await begun.opened;
    await station.signOut();
    expect(station.session()).toBeNull();
    printed.open();
    await outcome;
    await expect.poll(coordinatorForgets).toBe(true);
  });
});
