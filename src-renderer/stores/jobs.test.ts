import { describe, expect, it } from 'vitest';
import { jobStates } from '../../src-preload/contract/index.ts';
import { job, printers } from '../gateway/fake-states.ts';
import { changes } from './announce.ts';
import { canCancel, canRelease, fractionOf, gradeOf, isFinished, situationOf, situations } from './jobs.ts';

const now = Date.UTC(2030, 0, 1);
const asleep = job(now).holders.map((holder) => ({ ...holder, alive: false }));

describe('situationOf', () => {
  it('gives every job state a situation', () => {
    for (const state of jobStates) expect(situations).toContain(situationOf(job(now, { state })));
  });

  it('tells held, waiting here and out of reach apart', () => {
    expect(situationOf(job(now))).toBe('held');
    expect(situationOf(job(now, { inOutbox: true, holders: [] }))).toBe('outbox');
    // Below the write quorum this machine keeps it too; where it is already it can be released.
    expect(situationOf(job(now, { inOutbox: true }))).toBe('held');
    expect(situationOf(job(now, { holders: asleep }))).toBe('unreachable');
  });
});

describe('what can be done with a job', () => {
  it('releases what somebody else holds, or what is uncertain', () => {
    const releasable = jobStates.filter((state) => canRelease(job(now, { state })));
    expect(releasable).toEqual(['held', 'uncertain']);
    expect(canRelease(job(now, { inOutbox: true, holders: [] }))).toBe(false);
    expect(canRelease(job(now, { inOutbox: true }))).toBe(true);
  });

  it('cancels what has not begun to come out', () => {
    expect(jobStates.filter((state) => canCancel(job(now, { state })))).toEqual(['sealing', 'held', 'uncertain']);
  });

  it('counts only final states as finished', () => {
    const finished = jobStates.filter((state) => isFinished(job(now, { state })));
    expect(finished).toEqual(['completed', 'canceled', 'expired', 'aborted']);
  });
});

it('measures progress, or says that the length is unknown', () => {
  expect(fractionOf(job(now))).toBeUndefined();
  expect(fractionOf(job(now, { progress: { phase: 'sealing', bytes: 5, total: null } }))).toBeNull();
  expect(fractionOf(job(now, { progress: { phase: 'sealing', bytes: 5, total: 10 } }))).toBe(0.5);
  expect(fractionOf(job(now, { progress: { phase: 'sealing', bytes: 12, total: 10 } }))).toBe(1);
});

it('grades printers by what really happens on the wire', () => {
  expect(printers.map(gradeOf)).toEqual(['secure', 'plain', 'blocked']);
});

it('announces what changed and what is new, nothing else', () => {
  const [held, other, fresh] = [job(now), job(now), job(now, { title: null, state: 'sealing' })];
  const printing = { ...held, state: 'printing' as const };
  expect(changes([held, other], [printing, other, fresh])).toEqual([
    { title: held.title, situation: 'printing' },
    { title: null, situation: 'sealing' }
  ]);
  expect(changes([held], [{ ...held, size: 1 }])).toEqual([]);
});
