import { afterEach, expect, it } from 'vitest';
import { limits } from '../../base/limits.ts';
import { createRepairMesh, type RepairMesh } from '../testing/repair-mesh.ts';

let mesh: RepairMesh;
afterEach(() => mesh.close());

async function create(count: number) {
  mesh = createRepairMesh(count, 2);
  for (const node of mesh.nodes) await mesh.start(node);
  await mesh.settled();
  const [a, b, c, d] = mesh.nodes;
  if (!a || !b || !c || !d) throw new Error('too few');
  return { a, b, c, d };
}
const grace = limits.healSeconds * 1000;
const turns = 4 * limits.healTurnSeconds * 1000;

it('a holder that was moved to another site is replaced at the old one, and keeps what it has', async () => {
  const { a, b, c, d } = await create(4);
  mesh.move(d, 'north');
  const job = await mesh.place([a, b]);
  mesh.move(b, 'north');
  await mesh.pass(grace + turns);
  expect(mesh.holding(job)).toEqual([a, b, c]);
  expect(mesh.state.copies).toBe(1);
});

it('a node heals no job of a site where it is not, however few hold it', async () => {
  const { a, b, c, d } = await create(4);
  const job = await mesh.place([a, b]);
  for (const node of [a, c, d]) mesh.move(node, 'north');
  await mesh.stop(b);
  mesh.say(b, 'dead');
  await mesh.pass(3 * (grace + turns), 60_000);
  expect(mesh.holding(job)).toEqual([a, b]);
  expect(mesh.state.copies).toBe(0);
});

it('nodes of its new site cannot clear what a moved node holds of the old one: it waits, then serves all the same', async () => {
  const { a, b, c, d } = await create(4);
  const job = await mesh.place([a, b]);
  await mesh.stop(b);
  for (const node of [b, c, d]) mesh.move(node, 'north');
  const repair = await mesh.start(b);
  await mesh.pass(limits.reconcileSeconds * 1000 - 20_000);
  expect(repair.serves(job)).toBe(false);
  await mesh.pass(30_000);
  expect(repair.serves(job)).toBe(true);
});
