import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Result } from '../../src-preload/contract/index.ts';
import { createFakeGateway } from '../gateway/fake-gateway.ts';
import { createReads, keyOf } from './reads.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const users = keyOf('admin.user.list', {});
const setUp = (answer: () => Result<unknown> | Promise<Result<unknown>>) => {
  const gateway = createFakeGateway({ 'admin.user.list': answer, 'admin.job.list': answer });
  const reads = createReads(gateway.read);
  return { gateway, reads, entry: () => reads.store.getState().entries.get(users) };
};
const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);

describe('answers that are shown', () => {
  it('are asked for once, however many look', async () => {
    const { gateway, reads, entry } = setUp(() => ({ ok: true, value: ['ada'] }));
    reads.observe('admin.user.list', {});
    reads.observe('admin.user.list', {});
    await settle();
    expect(gateway.calls).toHaveLength(1);
    expect(entry()?.value).toEqual(['ada']);
  });

  it('are asked for again when their area changed, and only then', async () => {
    const { gateway, reads } = setUp(() => ({ ok: true, value: [] }));
    reads.observe('admin.user.list', {});
    await settle();
    reads.changed(['device']);
    await settle(1_000);
    expect(gateway.calls).toHaveLength(1);
    reads.changed(['audit', 'user']);
    await settle(1_000);
    expect(gateway.calls).toHaveLength(2);
  });

  it('make a burst of changes one question', async () => {
    const { gateway, reads } = setUp(() => ({ ok: true, value: [] }));
    reads.observe('admin.user.list', {});
    await settle();
    for (let change = 0; change < 100; change++) {
      reads.changed(['user']);
      await settle(1);
    }
    await settle(1_000);
    expect(gateway.calls).toHaveLength(2);
  });

  it('miss no change that comes while one is on its way', async () => {
    let answer: (value: Result<unknown>) => void = () => undefined;
    const { gateway, reads, entry } = setUp(() => new Promise((resolve) => (answer = resolve)));
    reads.observe('admin.user.list', {});
    reads.changed(['user']);
    answer({ ok: true, value: ['old'] });
    await settle(1_000);
    answer({ ok: true, value: ['new'] });
    await settle();
    expect(gateway.calls).toHaveLength(2);
    expect(entry()?.value).toEqual(['new']);
  });

  it('stay when asking again fails, with the reason beside them', async () => {
    let broken = false;
    const { reads, entry } = setUp(() =>
      broken ? { ok: false, code: 'coordinator-unreachable', message: '' } : { ok: true, value: ['ada'] }
    );
    reads.observe('admin.user.list', {});
    await settle();
    broken = true;
    await reads.refresh('admin.user.list');
    expect(entry()).toMatchObject({ value: ['ada'], failure: { code: 'coordinator-unreachable' } });
  });

  it('are not asked for while nobody looks, but when somebody looks again', async () => {
    const { gateway, reads } = setUp(() => ({ ok: true, value: [] }));
    const off = reads.observe('admin.user.list', {});
    await settle();
    off();
    reads.changed(null);
    await settle(10_000);
    expect(gateway.calls).toHaveLength(1);
    reads.observe('admin.user.list', {});
    await settle();
    expect(gateway.calls).toHaveLength(2);
  });

  it('are forgotten with the person, also one that is still on its way', async () => {
    let answer: (value: Result<unknown>) => void = () => undefined;
    const { reads, entry } = setUp(() => new Promise((resolve) => (answer = resolve)));
    reads.observe('admin.user.list', {});
    reads.forget();
    answer({ ok: true, value: ['secret'] });
    await settle();
    expect(entry()).toBeUndefined();
  });
});
