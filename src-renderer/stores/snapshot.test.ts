import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFakeBridge, refused } from '../gateway/fake.ts';
import { clientStates } from '../gateway/fake-states.ts';
import { createSnapshot } from './snapshot.ts';

const now = Date.UTC(2030, 0, 1);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('shows what the engine pushed last', async () => {
  const bridge = createFakeBridge('client', { 'client.state': () => ({ ok: true, value: clientStates.empty(now) }) });
  const { store, close } = createSnapshot(bridge, 'client.state');
  expect(store.getState()).toMatchObject({ engine: 'connecting', state: null });
  await store.getState().refresh();
  expect(store.getState().state?.jobs).toHaveLength(0);
  bridge.push('client.state', clientStates.held(now));
  expect(store.getState().state?.jobs).toHaveLength(1);
  close();
  bridge.push('client.state', clientStates.empty(now));
  expect(store.getState().state?.jobs).toHaveLength(1);
});

it('calls an engine silent that does not answer in time, and asks again until it does', async () => {
  let answers = 0;
  const state = { ok: true, value: clientStates.empty(now) } as const;
  const bridge = createFakeBridge('client', {
    'client.state': () => (++answers === 1 ? new Promise<never>(() => undefined) : state)
  });
  const { store, close } = createSnapshot(bridge, 'client.state');
  const asked = store.getState().refresh();
  await vi.advanceTimersByTimeAsync(8_000);
  await asked;
  expect(store.getState().engine).toBe('silent');
  await vi.advanceTimersByTimeAsync(3_000);
  expect(store.getState().engine).toBe('answering');
  close();
});

it('asks no more once closed', async () => {
  const bridge = createFakeBridge('client', { 'client.state': () => refused('engine-unreachable') });
  const { store, close } = createSnapshot(bridge, 'client.state');
  await store.getState().refresh();
  close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(bridge.calls).toHaveLength(1);
});
