import { expect, test } from 'vitest';
import { limits } from '../base/limits.ts';
import { createLockout } from './lockout.ts';
import { createTestClock } from './testing/test-clock.ts';

const right = async () => 'right';
const wrong = async () => null;
const times = <T>(n: number, run: () => Promise<T>) => Promise.allSettled(Array.from({ length: n }, run));
const codes = (results: PromiseSettledResult<unknown>[]) =>
  results.map((result) => (result.status === 'rejected' ? result.reason.code : result.value));

test('five wrong tries lock, each further one twice as long', async () => {
  const clock = createTestClock();
  const { attempt } = createLockout(clock);
  expect(codes(await times(5, () => attempt(['ada'], wrong)))).toEqual(Array(5).fill('pin-wrong'));
  for (const seconds of [60, 120, 240]) {
    clock.advance(seconds * 1000 - 500);
    await expect(attempt(['ada'], right)).rejects.toMatchObject({ code: 'pin-locked' });
    clock.advance(1000);
    await expect(attempt(['ada'], wrong)).rejects.toMatchObject({ code: 'pin-wrong' });
  }
  clock.advance(3600 * 1000);
  expect(await attempt(['ada'], right)).toBe('right');
  await expect(attempt(['ada'], wrong)).rejects.toMatchObject({ code: 'pin-wrong' });
  expect(await attempt(['ada'], right)).toBe('right');
});

test('guesses made at once get no more than five answers, honest sign-ins at once are all let in', async () => {
  const { attempt } = createLockout(createTestClock());
  const guesses = codes(await times(limits.waitingTries, () => attempt(['station', 'ada'], wrong)));
  expect(guesses.filter((code) => code === 'pin-wrong')).toHaveLength(5);
  expect(guesses.filter((code) => code === 'pin-locked')).toHaveLength(limits.waitingTries - 5);
  expect(codes(await times(20, () => attempt(['laptop', 'bob'], right)))).toEqual(Array(20).fill('right'));
});

test('too many at once are sent away, and a failure that is nobody’s guess counts for nothing', async () => {
  const { attempt } = createLockout(createTestClock());
  const many = codes(await times(limits.waitingTries + 3, () => attempt(['ada'], right)));
  expect(many.filter((code) => code === 'rate-limited')).toHaveLength(3);
  const broken = async () => {
    throw Object.assign(new Error(), { code: 'storage-full' });
  };
  expect(codes(await times(9, () => attempt(['ada'], broken)))).toEqual(Array(9).fill('storage-full'));
  expect(await attempt(['ada'], right)).toBe('right');
});
