import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64url } from '../../src-main/base/bytes.ts';
import { systemClock } from '../../src-main/base/clock.ts';
import { silentLogger } from '../../src-main/base/logger.ts';
import { actor, until } from '../../src-main/coordinator/testing/rig.ts';
import { encodeAttributes } from '../../src-main/ipp/codec.ts';
import { documentOf, never, ticket as someTicket, until as untilJob } from '../../src-main/jobs/testing/client.ts';
import type { MeshNode } from '../../src-main/mesh/node.ts';
import { createNodeClient } from '../../src-main/mesh/node-client.ts';
import type { DeviceId, JobId } from '../../src-preload/contract/index.ts';
import { type Mesh, startMesh } from '../always-verify/mesh.ts';

/** Two sites of one organization, with the real parts: `main` has the mesh's first node and a station, `north` two nodes and a laptop. */
let mesh: Mesh;
let north: Awaited<ReturnType<Mesh['addNode']>>[];
let laptop: Awaited<ReturnType<Mesh['addClient']>>;
let kiosk: Awaited<ReturnType<Mesh['addStation']>>;
const handlers = () => mesh.rig.coordinator.handlers;
const ticket = { ...someTicket, attributes: toBase64url(encodeAttributes([])) };

beforeAll(async () => {
  mesh = await startMesh();
  await handlers()['admin.user.add']({ name: 'Anna', pin: '314159' }, actor);
  await handlers()['admin.site.create']({ id: 'north', name: 'North building' }, actor);
  north = [await mesh.addNode('north one', 'north'), await mesh.addNode('north two', 'north')];
  laptop = await mesh.addClient('laptop', 'Anna', 'north');
  kiosk = await mesh.addStation('kiosk');
}, 120_000);
afterAll(() => mesh.close());

async function print(): Promise<JobId> {
  const job = laptop.jobs.begin(ticket);
  await laptop.jobs.documents(job, documentOf(randomBytes(100_000)), never);
  await untilJob(laptop.jobs, job, ({ holders }) => holders.length === 2);
  return job;
}
const holding = (job: JobId): boolean[] => [mesh, ...north].map(({ node }) => node.heldJobs().has(job));
/** Resolves once the node knows exactly these others to be there. */
function knows({ membership }: MeshNode, others: readonly DeviceId[]): Promise<void> {
  const here = () =>
    membership
      .members()
      .filter(({ state }) => state === 'alive')
      .map(({ id }) => id)
      .sort();
  const holds = () => here().join() === [...others].sort().join();
  return new Promise((resolve) => {
    const off = membership.onChange(() => {
      if (!holds()) return;
      off();
      resolve();
    });
    if (holds()) resolve();
  });
}

describe('a job of a site', () => {
  it('lies on its nodes only, and is printed wherever its owner stands', async () => {
    const job = await print();
    expect(holding(job)).toEqual([false, true, true]);
    const { printer, id } = await mesh.addPrinter('hall', 'main');
    await kiosk.session.signIn('Anna', '314159');
    await kiosk.session.release(job, id, false);
    await kiosk.session.signOut();
    expect(printer.jobs).toHaveLength(1);
    await untilJob(laptop.jobs, job, ({ state }) => state === 'completed');
  }, 30_000);

  it('is refused by nodes of another', async () => {
    const job = await print();
    const { identity, organization } = laptop.device;
    const transport = createNodeClient({ identity, organization, clock: systemClock, logger: silentLogger });
    const [holder] = north;
    if (!holder) throw new Error('no node');
    await expect(transport.reseal(holder.device.id, job, mesh.device.id)).rejects.toMatchObject({
      ...{ code: 'policy-refused', detail: 'site' }
    });
    transport.close();
    expect(holding(job)).toEqual([false, true, true]);
  }, 30_000);
});

describe('a node', () => {
  it('is a member of the mesh of its own site, and of no other', async () => {
    const [one, two] = north;
    if (!one || !two) throw new Error('no node');
    await Promise.all([knows(one.node, [two.device.id]), knows(two.node, [one.device.id])]);
    expect(mesh.node.membership.members()).toEqual([]);
  }, 30_000);

  it('that is moved while it runs joins the others there, and serves what it holds until that is erased', async () => {
    const [one, two] = north;
    if (!one || !two) throw new Error('no node');
    const job = await print();
    await handlers()['admin.device.move']({ id: two.device.id, site: 'main' }, actor);
    await Promise.all([knows(one.node, []), knows(two.node, [mesh.device.id]), knows(mesh.node, [two.device.id])]);
    expect(holding(job)).toEqual([false, true, true]);
    // What is printed from now on does not lie there.
    await until(laptop.device.organization, () => laptop.device.organization.device(two.device.id)?.site === undefined);
    const later = laptop.jobs.begin(ticket);
    await laptop.jobs.documents(later, documentOf(randomBytes(1000)), never);
    expect(holding(later)).toEqual([false, true, false]);

    // It is the only one that is left to print from.
    await handlers()['admin.device.suspend']({ id: one.device.id, suspended: true }, actor);
    const { id, printer } = await mesh.addPrinter('safe', 'main');
    await kiosk.session.signIn('Anna', '314159');
    await kiosk.session.release(job, id, false);
    await kiosk.session.signOut();
    expect(printer.jobs).toHaveLength(1);
    await handlers()['admin.device.suspend']({ id: one.device.id, suspended: false }, actor);
    await expect.poll(() => two.node.heldJobs().has(job)).toBe(false);
  }, 60_000);
});
