import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { GiB } from '../../base/limits.ts';
import type { NodeCondition } from '../../protocol/node-condition.ts';
import { actor, createRig, type Rig, sealJob, until } from '../testing/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
}, 120_000);
afterAll(() => rig.close());

const good: NodeCondition = {
  freeBytes: 64 * GiB,
  power: 'mains',
  awakeShare: 1,
  domain: '',
  stationary: true,
  leaving: false
};

test('an administrator is told why these nodes, by what the nodes say of themselves', async () => {
  const { handlers } = rig.coordinator;
  await handlers['admin.user.add']({ name: 'Ada', pin: '4711' }, actor);
  const client = await rig.pair('laptop', ['client'], 'ada');
  const holder = await rig.pair('server', ['node']);
  const goer = await rig.pair('old server', ['node']);
  holder.organization.announce('https://127.0.0.1:1', good);
  goer.organization.announce('https://127.0.0.1:2', { ...good, leaving: true });
  await until(client.organization, () => [holder, goer].every(({ id }) => client.organization.device(id)?.url));
  const job = await sealJob({ client, nodes: [holder], now: rig.clock.now() });
  await client.organization.call('/v1/jobs', job.request, z.object({}));

  const { why } = await handlers['admin.job.show']({ id: job.id }, actor);
  expect(why).toEqual([
    { node: holder.id, name: 'server', chosen: true, reason: 'best', weight: 1 },
    { node: goer.id, name: 'old server', chosen: false, reason: 'leaving', weight: 1 }
  ]);
});
