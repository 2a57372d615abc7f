import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { coalesce } from './events.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('many changes become one snapshot, and the last one gets out', () => {
  const run = vi.fn();
  const changed = coalesce(run, 100);
  changed.request();
  changed.request();
  vi.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledTimes(1);
  changed.request();
  changed.request();
  vi.advanceTimersByTime(50);
  expect(run).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(50);
  expect(run).toHaveBeenCalledTimes(2);
  changed.request();
  changed.cancel();
  vi.advanceTimersByTime(1000);
  expect(run).toHaveBeenCalledTimes(2);
});

it('a wall clock that is set back keeps nothing', () => {
  const run = vi.fn();
  const changed = coalesce(run, 100);
  changed.request();
  vi.advanceTimersByTime(1);
  vi.setSystemTime(Date.now() - 3_600_000);
  changed.request();
  vi.advanceTimersByTime(100);
  expect(run).toHaveBeenCalledTimes(2);
});
