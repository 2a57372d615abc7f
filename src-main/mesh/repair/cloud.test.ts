import { afterEach, expect, it } from 'vitest';
import { limits } from '../../base/limits.ts';
import { createRepairMesh, type RepairMesh, type RepairNode } from '../testing/repair-mesh.ts';

/** Cloud nodes among nodes that heal. */
let mesh: RepairMesh;
afterEach(() => mesh.close());

async function create(count: number, cloudNodes: boolean) {
  mesh = createRepairMesh(count);
  const [a, b, c] = mesh.nodes as [RepairNode, RepairNode, RepairNode];
  mesh.cloud.add(mesh.nodes.at(-1)?.id ?? a.id);
  mesh.state.cloudNodes = cloudNodes;
  for (const node of mesh.nodes) await mesh.start(node);
  await mesh.settled();
  return { a, b, c };
}
async function kill(node: RepairNode) {
  await mesh.stop(node);
  mesh.say(node, 'dead');
}
/** As the coordinator's new directory does. */
async function allow(cloudNodes: boolean) {
  mesh.state.cloudNodes = cloudNodes;
  mesh.setCoordinator(true);
  await mesh.settled();
}
const long = (limits.healLastSeconds + 10 * limits.healTurnSeconds) * 1000;

it('a lost replica is made anew on a cloud node only where that is allowed', async () => {
  const { a, b, c } = await create(3, false);
  const job = await mesh.place([a, b]);
  await kill(b);
  await mesh.pass(long);
  expect(c.held.has(job)).toBe(false);
  expect(mesh.state.copies).toBe(0);

  await allow(true);
  await mesh.pass(long);
  expect(c.held.has(job)).toBe(true);
});

it('switched off, a cloud node is emptied, and the job has its replicas inside', async () => {
  const { a, b, c } = await create(3, true);
  const job = await mesh.place([a, c]);
  await allow(false);
  await mesh.pass(long);
  expect(c.held.has(job)).toBe(false);
  expect(mesh.holding(job)).toEqual([a, b]);
  for (const { repair } of [a, b]) expect([...(repair?.holders(job) ?? [])].sort()).toEqual([a.id, b.id].sort());
});

it('the only replica is given to nodes inside first', async () => {
  const { a, b, c } = await create(3, true);
  const job = await mesh.place([c]);
  await allow(false);
  expect(mesh.holding(job)).toEqual([a, b]);
});

it('what nobody takes stays until somebody comes, and counts as no replica', async () => {
  const { a, c: cloud } = await create(3, true);
  for (const node of mesh.nodes) if (node !== cloud) await kill(node);
  const job = await mesh.place([cloud]);
  await allow(false);
  await mesh.pass(long);
  expect(cloud.held.has(job)).toBe(true);
  expect(cloud.repair?.holders(job)).toEqual([]);

  await mesh.start(a);
  mesh.say(a, 'alive');
  await mesh.pass(2 * limits.healAgainSeconds * 1000);
  expect(mesh.holding(job)).toEqual([a]);
});
