import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../base/limits.ts';
import { createRepairMesh, type RepairMesh, type RepairNode } from '../testing/repair-mesh.ts';

let mesh: RepairMesh;
afterEach(() => mesh.close());

async function create(count: number, replicas = 2) {
  mesh = createRepairMesh(count, replicas);
  for (const node of mesh.nodes) await mesh.start(node);
  await mesh.settled();
  const [a, b, c, d] = mesh.nodes;
  if (!a || !b) throw new Error('too few');
  return { a, b, c: c ?? a, d: d ?? a };
}
async function kill(node: RepairNode) {
  await mesh.stop(node);
  mesh.say(node, 'dead');
}
const grace = limits.healLastSeconds * 1000;
const turns = 4 * limits.healTurnSeconds * 1000;

describe('a lost holder', () => {
  it('is replaced once it has been gone for its grace, by one survivor alone, and everybody knows', async () => {
    const { a, b, c, d } = await create(4, 3);
    const job = await mesh.place([a, b, c]);
    await kill(c);
    await mesh.pass(limits.healSeconds * 1000 - 10_000);
    expect(mesh.holding(job)).toHaveLength(3);
    await mesh.pass(10_000 + turns);
    expect(d.held.has(job)).toBe(true);
    expect(mesh.state.copies).toBe(1);
    for (const node of [a, b, d]) expect([...(node.repair?.holders(job) ?? [])].sort()).toContain(d.id);
  });

  it('is replaced up to the copies that its manifest wants, whatever the settings say', async () => {
    const { a, b, c, d } = await create(4, 2);
    const job = await mesh.place([a, b, c], { copies: 3 });
    const other = await mesh.place([a, b, c], { copies: 1 });
    await kill(c);
    await mesh.pass(limits.healSeconds * 1000 + turns);
    expect(d.held.has(job)).toBe(true);
    expect(d.held.has(other)).toBe(false);
  });

  it('is replaced sooner when one copy is left', async () => {
    const { a, b, c } = await create(3);
    const job = await mesh.place([a, b]);
    await kill(b);
    await mesh.pass(grace - 10_000);
    expect(c.held.has(job)).toBe(false);
    await mesh.pass(20_000);
    expect(c.held.has(job)).toBe(true);
  });

  it('that returns in time costs nothing; one that returns later is a copy more, and its next absence costs nothing', async () => {
    const { a, b } = await create(3);
    const job = await mesh.place([a, b]);
    await kill(b);
    await mesh.pass(grace / 2);
    await mesh.start(b);
    mesh.say(b, 'alive');
    await mesh.pass(grace * 2);
    expect(mesh.state.copies).toBe(0);

    await kill(b);
    await mesh.pass(grace + turns);
    await mesh.start(b);
    mesh.say(b, 'alive');
    await mesh.pass(grace * 2);
    expect(mesh.holding(job)).toHaveLength(3);
    await kill(b);
    await mesh.pass(2 * limits.healSeconds * 1000, 60_000);
    expect(mesh.state.copies).toBe(1);
  });

  it('that said goodbye is replaced at once; where no node is left nothing is tried but later again', async () => {
    const { a, b, c } = await create(3);
    const job = await mesh.place([a, b]);
    await mesh.stop(c);
    mesh.say(c, 'dead');
    await mesh.stop(b);
    mesh.say(b, 'left');
    await mesh.pass(turns);
    expect(mesh.state.copies).toBe(0);
    await mesh.start(c);
    mesh.say(c, 'alive');
    await mesh.pass(turns);
    expect(c.held.has(job)).toBe(true);
  });

  it('is told to the coordinator when it is back', async () => {
    const { a, b, c } = await create(3);
    const job = await mesh.place([a, b]);
    await kill(b);
    await mesh.pass(grace + turns);
    expect(mesh.state.told).toEqual([]);
    mesh.setCoordinator(true);
    await mesh.settled();
    expect(new Set(mesh.state.told.map(({ signer }) => signer))).toEqual(new Set([a.id, c.id]));
    expect(c.held.has(job) && a.held.has(job)).toBe(true);
  });

  it('and so is a replica whose receipt its sender never got', async () => {
    const { a } = await create(2);
    mesh.setCoordinator(true);
    await mesh.settled();
    await mesh.place([a], { introduced: false });
    expect(mesh.state.told).toEqual([]);
    await mesh.pass(2 * limits.syncSeconds * 1000);
    expect(mesh.state.told.map(({ signer }) => signer)).toContain(a.id);
  });

  it('judges nobody by the time that this node itself slept through', async () => {
    const { a, b } = await create(3);
    await mesh.place([a, b]);
    mesh.say(b, 'dead');
    mesh.clock.advance(1);
    const { clock } = mesh;
    const now = clock.now.bind(clock);
    Object.assign(clock, { now: () => now() + 8 * 3_600_000 });
    await mesh.pass(grace - 20_000);
    expect(mesh.state.copies).toBe(0);
  });
});

describe('anti-entropy', () => {
  it('introduces holders that did not know of each other without making a copy', async () => {
    const { a, b, c } = await create(3);
    const job = await mesh.place([a, b, c], { introduced: false });
    await mesh.pass(grace + turns);
    expect(mesh.state.copies).toBe(0);
    expect(a.repair?.holders(job).length).toBeGreaterThanOrEqual(2);
  });

  it('finds a replica that vanished, and heals it', async () => {
    const { a, b } = await create(2);
    const job = await mesh.place([a, b]);
    for (const map of [b.blobs, b.held, b.upkeep]) map.delete(job);
    await mesh.pass(5 * limits.syncSeconds * 1000);
    expect(b.held.has(job)).toBe(true);
    expect(mesh.state.copies).toBe(1);
  });

  it('exchanges nothing but digests when all is well', async () => {
    const { a, b } = await create(2);
    for (let i = 0; i < 30; i += 1) await mesh.place([a, b]);
    await mesh.pass(3 * limits.syncSeconds * 1000);
    const before = mesh.state.asked;
    await mesh.pass(10 * limits.syncSeconds * 1000);
    // A digest and a proof each, from both sides.
    expect(mesh.state.asked - before).toBeLessThanOrEqual(2 * 2 * 11);
  });
});

describe('a rotten replica', () => {
  it('is found by its digest, removed and made anew', async () => {
    const { a, b } = await create(2);
    const job = await mesh.place([a, b]);
    b.blobs.get(job)?.writeUInt8(1 ^ (b.blobs.get(job)?.readUInt8(500) ?? 0), 500);
    await mesh.pass((limits.scrubSeconds + limits.distrustSeconds) * 1000 + grace + turns, 600_000);
    expect(b.held.has(job)).toBe(true);
    expect(a.blobs.get(job)?.equals(b.blobs.get(job) ?? Buffer.alloc(0))).toBe(true);
  });
  it('is kept while no other holder is awake', async () => {
    const { a, b } = await create(2);
    const job = await mesh.place([a, b]);
    await kill(b);
    a.blobs.get(job)?.fill(0);
    await mesh.pass(limits.scrubSeconds * 1000 + grace, 600_000);
    expect(a.held.has(job)).toBe(true);
  });
});

describe('a node that comes back', () => {
  it('erases what was erased meanwhile before it serves it, with one other holder up and no coordinator', async () => {
    const { a, b } = await create(3);
    const job = await mesh.place([a, b]);
    await kill(a);
    const order = await mesh.order(job);
    b.repair?.erasing(job, order);
    b.orders.set(job, order);
    for (const map of [b.blobs, b.held, b.upkeep]) map.delete(job);
    await mesh.settled();
    for (const node of mesh.nodes.slice(2)) await kill(node);

    const repair = await mesh.start(a);
    expect(repair.ready()).toBe(false);
    expect(repair.serves(job)).toBe(false);
    await mesh.settled();
    expect(a.held.has(job)).toBe(false);
    expect(repair.ready()).toBe(true);
  });

  it('hears it from a node that only kept the order', async () => {
    const { a, b, c } = await create(3);
    const job = await mesh.place([a, b]);
    await kill(a);
    const order = await mesh.order(job);
    b.repair?.erasing(job, order);
    await mesh.settled();
    await kill(b);
    expect(c.orders.has(job)).toBe(true);
    await mesh.start(a);
    await mesh.settled();
    expect(a.held.has(job)).toBe(false);
  });

  it('hears it from the coordinator; alone it serves after a while, and still not what is erased', async () => {
    const { a, b } = await create(2);
    const [job, other] = [await mesh.place([a, b]), await mesh.place([a, b])];
    await kill(a);
    await kill(b);
    const repair = await mesh.start(a);
    await mesh.pass(limits.reconcileSeconds * 1000 - 60_000);
    expect(repair.ready()).toBe(false);
    mesh.state.outstanding.push(await mesh.order(job));
    mesh.setCoordinator(true);
    await mesh.settled();
    expect(repair.ready()).toBe(true);
    expect([...a.held.keys()]).toEqual([other]);

    mesh.setCoordinator(false);
    const again = await mesh.start(b);
    await mesh.stop(a);
    mesh.say(a, 'dead');
    await mesh.pass(limits.reconcileSeconds * 1000 + 1);
    expect(again.ready()).toBe(true);
  });
});

describe('a node that lies', () => {
  it('about holding is found out by a proof, believed no more, and replaced', async () => {
    const { a, b, c } = await create(3);
    const job = await mesh.place([a, b]);
    b.blobs.set(job, Buffer.alloc(100_000));
    await mesh.pass(10 * limits.syncSeconds * 1000);
    expect(a.repair?.holders(job)).not.toContain(b.id);
    expect(c.held.has(job)).toBe(true);
    const held = a.held.get(job);
    if (!held) throw new Error('not held');
    await a.repair?.learn(job, [await mesh.receiptOf(b, job, held)]);
    expect(a.repair?.holders(job)).not.toContain(b.id);
  });

  it('cannot have another one prove for it', async () => {
    const { a, b, c } = await create(3, 3);
    const job = await mesh.place([a, b, c]);
    b.blobs.delete(job);
    b.lie = async (message, _from, honest) =>
      message.type === 'prove' && c.repair ? c.repair.receive(b.id, message) : honest();
    await mesh.pass(20 * limits.syncSeconds * 1000);
    expect(a.repair?.holders(job)).not.toContain(b.id);
  });

  it('cannot bring back an old receipt, sign for another blob, or speak for others', async () => {
    const { a, b, c } = await create(3);
    const job = await mesh.place([a, b]);
    const held = a.held.get(job);
    if (!held || !a.repair) throw new Error('not held');
    const old = await mesh.receiptOf(b, job, held);
    await mesh.pass(1_000);
    const gone = { job, held: false, receipts: [], order: null };
    await a.repair.receive(b.id, { v: 1, type: 'jobs', jobs: [gone] });
    await a.repair.learn(job, [
      old,
      await mesh.receiptOf(c, job, { ...held, sha256: 'A'.repeat(43) }),
      await mesh.receiptOf(c, job, held, mesh.clock.now() + 3_600_000),
      { ...(await mesh.receiptOf(c, job, held)), signer: b.id }
    ]);
    expect(a.repair.holders(job)).toEqual([a.id]);
    await a.repair.receive(c.id, { v: 1, type: 'jobs', jobs: [gone] });
    expect(a.repair.holders(job)).toEqual([a.id]);
  });

  it('cannot order anything erased', async () => {
    const { a, b } = await create(2);
    const job = await mesh.place([a, b]);
    const order = { ...(await mesh.order(job)), signer: b.id, signature: 'A'.repeat(86) };
    await a.repair?.receive(b.id, { v: 1, type: 'jobs', jobs: [{ job, held: false, receipts: [], order }] });
    expect(a.held.has(job)).toBe(true);
  });

  it('cannot flood, and is answered again later', async () => {
    const { a, b, c } = await create(3);
    const ask = (from: RepairNode) => a.repair?.receive(from.id, { v: 1, type: 'jobs', jobs: [] });
    for (let i = 0; i < limits.syncBurst; i += 1) await ask(b);
    await expect(ask(b)).rejects.toMatchObject({ code: 'rate-limited' });
    await expect(ask(c)).resolves.toMatchObject({ type: 'jobs' });
    mesh.clock.advance(1_000);
    await expect(ask(b)).resolves.toMatchObject({ type: 'jobs' });
  });
});

describe('a message', () => {
  it('of a newer version is answered with ours, and what is none is refused', async () => {
    const { a, b } = await create(2);
    expect(await a.repair?.receive(b.id, { v: 2, type: 'something new' })).toEqual({ v: 1, type: 'unsupported' });
    expect(await a.repair?.receive(b.id, { v: 1, type: 'something new' })).toEqual({ v: 1, type: 'unsupported' });
    await expect(a.repair?.receive(b.id, { v: 1, type: 'jobs' })).rejects.toMatchObject({ code: 'input-invalid' });
    const wide = { v: 1, type: 'prove', job: await mesh.place([a]), nonce: 'A'.repeat(43), offset: 99_999, length: 2 };
    await expect(a.repair?.receive(b.id, wide)).rejects.toMatchObject({ code: 'input-invalid' });
  });
  it('may have fields that we do not know', async () => {
    const { a, b } = await create(2);
    const message = { v: 1, type: 'jobs', jobs: [], later: true };
    expect(await a.repair?.receive(b.id, message)).toMatchObject({ type: 'jobs', jobs: [] });
  });
});
