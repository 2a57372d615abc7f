import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { actor, createRig, type Rig, sealJob, type TestDevice, until } from './testing/rig.ts';

const day = 24 * 3600 * 1000;

let rig: Rig;
let client: TestDevice;
let node: TestDevice;
beforeAll(async () => {
  rig = await createRig();
  await rig.coordinator.handlers['admin.user.add']({ name: 'Ada', pin: '4711' }, actor);
  client = await rig.pair('laptop', ['client'], 'ada');
  node = await rig.pair('node', ['node']);
  await until(client.organization, () => client.organization.device(node.id) !== undefined);
}, 60_000);
afterAll(() => rig.close());

const keys = () => rig.coordinator.handlers['admin.key.list']({}, actor);
const epochs = async () => (await keys()).map(({ epoch, destroyed }) => (destroyed ? -epoch : epoch));
const inUse = () => client.organization.directory()?.releaseKey.epoch;
const audited = async () =>
  (await rig.coordinator.handlers['admin.audit.list']({ after: 0, limit: 1000 }, actor))
    .filter(({ action }) => action.startsWith('key.'))
    .map(({ action, subject, actor: by }) => `${action} ${subject} ${by}`);
async function register() {
  const job = await sealJob({ client, nodes: [node], now: rig.clock.now() });
  await client.organization.call('/v1/jobs', job.request, z.object({}));
  return job;
}

test('a release key grows as old as the schedule says, and everybody hears of the next one', async () => {
  const { handlers } = rig.coordinator;
  await handlers['admin.key.schedule']({ rotationDays: 30 }, actor);
  const { nextRotation } = await handlers['admin.key.status']({}, actor);
  const [first] = await keys();
  expect(Date.parse(nextRotation ?? '') - Date.parse(first?.created ?? '')).toBe(30 * day);
  rig.clock.advance(29 * day);
  const told = until(client.organization, () => inUse() === 2);
  rig.clock.advance(2 * day);
  await told;
  expect(await epochs()).toEqual([1, 2]);
  const [, second] = await keys();
  expect(Date.parse(second?.created ?? '')).toBeGreaterThanOrEqual(Date.parse(nextRotation ?? ''));
});

test('the old one is destroyed when no job can need it any more, and not before', async () => {
  await register();
  expect((await keys()).map(({ jobs }) => jobs)).toEqual([0, 1]);
  rig.clock.advance(6 * day);
  await expect.poll(async () => (await keys()).map(({ jobs }) => jobs)).toEqual([0, 0]); // it expired
  expect(await epochs()).toEqual([1, 2]);
  rig.clock.advance(2 * day);
  await expect.poll(epochs).toEqual([-1, 2]);
});

test('what became due while nothing ran is made up for, and without a schedule nothing happens by itself', async () => {
  await rig.coordinator.handlers['admin.key.rotate']({}, actor);
  await rig.restart(async () => rig.clock.advance(40 * day));
  await expect.poll(epochs).toEqual([-1, -2, 3, 4]);
  await rig.coordinator.handlers['admin.key.schedule']({ rotationDays: 0 }, actor);
  rig.clock.advance(400 * day);
  await expect.poll(epochs).toEqual([-1, -2, -3, 4]);
  expect(await rig.coordinator.handlers['admin.key.status']({}, actor)).toMatchObject({ nextRotation: null });
  expect(await audited()).toEqual([
    'key.created epoch 1 coordinator',
    expect.stringContaining('key.schedule-changed'),
    'key.created epoch 2 coordinator',
    'key.destroyed epoch 1 coordinator',
    `key.created epoch 3 ${actor}`,
    'key.created epoch 4 coordinator',
    'key.destroyed epoch 2 coordinator',
    expect.stringContaining('key.schedule-changed'),
    'key.destroyed epoch 3 coordinator'
  ]);
});
