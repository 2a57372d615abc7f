import { expect, it } from 'vitest';
import { runWorld, smallWorld, type WorldResult } from './mesh/world.ts';

/** Small meshes in trouble: `npm run simulate` runs thousands more. A seed that fails belongs into regressions.test.ts. */
const seeds = Array.from({ length: 200 }, (_, index) => index + 1);
const batches = Array.from({ length: 10 }, (_, batch) => seeds.slice(batch * 20, batch * 20 + 20));

const violated = ({ options, violations }: WorldResult): string[] =>
  violations.map((what) => `seed ${options.seed}: ${what}`);

it.each(batches)(
  'nothing is lost, printed twice or brought back, and all is well in time: seeds %i and 19 more',
  async (...batch) => {
    const wrong: string[] = [];
    for (const seed of batch) wrong.push(...violated(await runWorld(smallWorld(seed))));
    expect(wrong).toEqual([]);
  },
  120_000
);

it('the same with the real membership', async () => {
  const drawn = smallWorld(1, true);
  const result = await runWorld({ ...drawn, nodes: 5, replicas: 2, jobs: 20, troubled: 120_000 });
  expect(violated(result)).toEqual([]);
}, 120_000);

it('a world follows from its seed', async () => {
  const [once, again] = [await runWorld(smallWorld(3)), await runWorld(smallWorld(3))];
  expect(again).toEqual(once);
});
