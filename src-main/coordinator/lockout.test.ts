import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OrganizationId } from '../../src-preload/contract/index.ts';
import { limits } from '../base/limits.ts';
import { openCoordinatorStore } from '../storage/coordinator-store.ts';
import { createLockout } from './lockout.ts';
import type { CoordinatorStore } from './store.ts';
import { createTestClock, type TestClock } from './testing/test-clock.ts';

let folder: string;
let store: CoordinatorStore;
let clock: TestClock;
const file = () => join(folder, 'coordinator.db');
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterlock-lockout-'));
  store = await openCoordinatorStore(file());
  clock = createTestClock();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});
const open = () =>
  createLockout({ store, organization: 'test' as OrganizationId, rootKey: Buffer.alloc(32, 1), clock });

const right = async () => 'right';
const wrong = async () => null;
const times = <T>(n: number, run: () => Promise<T>) => Promise.allSettled(Array.from({ length: n }, run));
const codes = (results: PromiseSettledResult<unknown>[]) =>
  results.map((result) => (result.status === 'rejected' ? result.reason.code : result.value));

test('five wrong tries lock, each further one twice as long', async () => {
  const { attempt } = open();
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
  const { attempt } = open();
  const guesses = codes(await times(limits.waitingTries, () => attempt(['station', 'ada'], wrong)));
  expect(guesses.filter((code) => code === 'pin-wrong')).toHaveLength(5);
  expect(guesses.filter((code) => code === 'pin-locked')).toHaveLength(limits.waitingTries - 5);
  expect(codes(await times(20, () => attempt(['laptop', 'bob'], right)))).toEqual(Array(20).fill('right'));
});

test('too many at once are sent away, and a failure that is nobody’s guess counts for nothing', async () => {
  const { attempt } = open();
  const many = codes(await times(limits.waitingTries + 3, () => attempt(['ada'], right)));
  expect(many.filter((code) => code === 'rate-limited')).toHaveLength(3);
  const broken = async () => {
    throw Object.assign(new Error(), { code: 'storage-full' });
  };
  expect(codes(await times(9, () => attempt(['ada'], broken)))).toEqual(Array(9).fill('storage-full'));
  expect(await attempt(['ada'], right)).toBe('right');
});

test('a restart keeps the lock; what lies in the database does not name who it is for', async () => {
  await times(5, () => open().attempt(['user grace at device:1'], wrong));
  await store.close();
  store = await openCoordinatorStore(file());
  await expect(open().attempt(['user grace at device:1'], right)).rejects.toMatchObject({ code: 'pin-locked' });
  expect(await open().attempt(['user grace at device:2'], right)).toBe('right');
  await store.scrub();
  expect(await readFile(file(), 'latin1')).not.toMatch(/grace|device:1/);
});

test('a flood of invented names leaves a bounded number of tries, and never takes a lock away', async () => {
  const { attempt } = open();
  await times(5, () => attempt(['ada'], wrong));
  await store.transaction(async ({ wrongTries }) => {
    for (let i = 0; i < limits.lockoutEntries + 20; i += 1) await wrongTries.add(`invented ${i}`, clock.now() + i);
  });
  await times(1, () => attempt(['bob'], wrong));
  const left = await store.tables.wrongTries.of(Array.from({ length: 30 }, (_, i) => `invented ${i}`));
  expect(left.length).toBeLessThan(10);
  await expect(attempt(['ada'], right)).rejects.toMatchObject({ code: 'pin-locked' });
});
