import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestClock } from '../base/testing/clock.ts';
import { openOfflineMemory } from './offline-memory.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-offline-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const keys = [{ key: 'user', tries: 3 }];
const wrong = async () => null;
const right = async () => 'ada';

it('wrong tries are counted over a restart, and a right PIN does not end a lock', async () => {
  const clock = createTestClock();
  const memory = await openOfflineMemory(dataDir, clock);
  for (let i = 0; i < 2; i++) await expect(memory.attempt(keys, wrong)).rejects.toMatchObject({ code: 'pin-wrong' });
  const again = await openOfflineMemory(dataDir, clock);
  await expect(again.attempt(keys, wrong)).rejects.toMatchObject({ code: 'pin-wrong' });
  await expect(again.attempt(keys, right)).rejects.toMatchObject({ code: 'pin-locked' });
  await expect((await openOfflineMemory(dataDir, clock)).attempt(keys, right)).rejects.toMatchObject({
    code: 'pin-locked'
  });
});

it('a try that was cut short counts as a wrong one', async () => {
  const clock = createTestClock();
  const memory = await openOfflineMemory(dataDir, clock);
  for (let i = 0; i < 3; i++)
    await expect(memory.attempt(keys, () => Promise.reject(new Error('power')))).rejects.toThrow('power');
  const again = await openOfflineMemory(dataDir, clock);
  await expect(again.attempt(keys, right)).rejects.toMatchObject({ code: 'pin-locked' });
});

it('a clock that is set back ends no lock and gives no fence', async () => {
  const clock = createTestClock();
  const first = await (await openOfflineMemory(dataDir, clock)).nextFence();
  const back = { ...clock, now: () => clock.now() - 3_600_000 };
  const memory = await openOfflineMemory(dataDir, back);
  await expect(memory.nextFence()).rejects.toMatchObject({ code: 'offline-refused' });
  await expect(memory.attempt(keys, right)).rejects.toMatchObject({ code: 'offline-refused' });
  const second = await (await openOfflineMemory(dataDir, clock)).nextFence();
  expect(second).toBeGreaterThan(first);
});
