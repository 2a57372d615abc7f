import { describe, expect, it } from 'vitest';
import { clientStates, job } from '../gateway/fake-states.ts';
import { outageOf } from './connection.ts';
import { forecast } from './forecast.ts';

const now = Date.UTC(2030, 0, 1);
const self = '00000000-0000-4000-8000-000000000009';
const held = job(now);
const one = held.holders.slice(0, 1);

describe('forecast', () => {
  it('says nothing when nothing waits', () => {
    expect(forecast([], self)).toBeNull();
    expect(forecast([job(now, { state: 'completed' })], self)).toBeNull();
  });

  it('lets the lid be closed once every job is safe, and counts the machines that hold each', () => {
    expect(forecast([held], self)).toMatchObject({ kind: 'safe', count: 1, machines: 2 });
    expect(forecast([held, job(now, { holders: one })], self)).toMatchObject({ kind: 'safe', count: 2, machines: 1 });
  });

  it('lets the least safe job decide', () => {
    const sealing = job(now, { state: 'sealing', safeToClose: false, holders: [] });
    const waiting = job(now, { inOutbox: true, safeToClose: false, holders: [] });
    const few = job(now, { safeToClose: false, holders: one });
    expect(forecast([held, few], self)?.kind).toBe('few');
    const strict = job(now, { custody: 'strict', safeToClose: false });
    expect(forecast([held, few, strict], self)).toMatchObject({ kind: 'strict', count: 1 });
    expect(forecast([held, few, waiting], self)).toMatchObject({ kind: 'outbox', count: 1 });
    expect(forecast([held, few, waiting, sealing], self)).toMatchObject({ kind: 'sealing', count: 1 });
  });

  it('never counts a machine that is about to go, and says how many should stay', () => {
    const [stays, goes] = held.holders;
    if (!stays || !goes) throw new Error('two holders');
    const holders = [stays, { ...goes, leaving: true }];
    const told = { reason: 'too-few', wanted: 2, awake: 1 } as const;
    expect(forecast([job(now, { safeToClose: false, holders, forecast: told })], self)).toEqual({
      kind: 'few',
      count: 1,
      machines: 1,
      wanted: 2
    });
  });

  it('never counts this computer as one of the machines that stay awake', () => {
    const here = { ...(one[0] ?? expect.fail('no holder')), id: self as (typeof one)[number]['id'] };
    const jobs = [job(now, { safeToClose: false, holders: [here] })];
    expect(forecast(jobs, self)).toMatchObject({ kind: 'asleep', count: 1, machines: 0 });
    expect(forecast(jobs, null)).toMatchObject({ kind: 'few', count: 1, machines: 1 });
  });
});

describe('outageOf', () => {
  it('tells the coordinator and the other machines apart', () => {
    const outage = (name: 'empty' | 'offline' | 'alone' | 'island') =>
      outageOf(clientStates[name](now).connection, self);
    expect([outage('empty'), outage('offline'), outage('alone'), outage('island')]).toEqual([
      null,
      'coordinator',
      'nodes',
      'both'
    ]);
  });
});
