import { expect, it } from 'vitest';
import { createTestClock } from '../../base/testing/clock.ts';
import { createPace } from './pace.ts';

const { signal } = new AbortController();
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('gives its places in the order in which they were asked for, and none to whoever gave up', async () => {
  const pace = createPace({ clock: createTestClock(), transfers: 1 });
  const given: string[] = [];
  const leave = await pace.place(signal);
  const impatient = new AbortController();
  const refused = pace.place(impatient.signal);
  const second = pace.place(signal).then((done) => {
    given.push('second');
    return done;
  });
  const third = pace.place(signal).then(() => given.push('third'));
  impatient.abort(new Error('enough'));
  await expect(refused).rejects.toThrow('enough');
  leave();
  leave(); // a second time changes nothing
  const done = await second;
  await turn();
  expect(given).toEqual(['second']);
  done();
  await third;
  expect(given).toEqual(['second', 'third']);
});

it('rests in proportion to what the work took, and for as long as a delivery runs', async () => {
  const clock = createTestClock();
  const pace = createPace({ clock, share: 0.8 });
  let rested = false;
  const rest = () => {
    rested = false;
    return pace.rest(400, signal).then(() => {
      rested = true;
    });
  };
  const first = rest();
  clock.advance(99);
  await turn();
  expect(rested).toBe(false);
  clock.advance(1);
  await first;

  const [one, other] = [pace.delivering(), pace.delivering()];
  const second = rest();
  clock.advance(60_000);
  await turn();
  one();
  await turn();
  expect(rested).toBe(false);
  other();
  await second;
  expect(rested).toBe(true);
});
