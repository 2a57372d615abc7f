import { describe, expect, it } from 'vitest';
import type { Caller, Result } from '../../src-preload/contract/index.ts';
import { silentLogger } from '../base/logger.ts';
import { routeCall } from './route-call.ts';

const job = '7d1c1b0e-4a55-4e0e-9c1e-0d2f6a1b2c3d';
const printer = '0b9a7e0c-1f7e-4a53-8a0e-5d6c7b8a9f01';

function route(caller: Caller, procedure: unknown, input: unknown, answer: Result<unknown> = { ok: true, value: {} }) {
  const calls: unknown[][] = [];
  const engine = {
    call: (...call: unknown[]) => {
      calls.push(call);
      return Promise.resolve(answer);
    }
  };
  return routeCall(caller, procedure, input, { engine, logger: silentLogger }).then((result) => ({ result, calls }));
}

describe('route of a call', () => {
  it('forwards what the contract allows, parsed, with its caller', async () => {
    const { result, calls } = await route('client-window', 'client.cancel', { job, more: 'dropped' });
    expect(result).toEqual({ ok: true, value: {} });
    expect(calls).toEqual([['client-window', 'client.cancel', { job }]]);
  });

  it.each([
    ['station-window', 'client.cancel', { job }, 'not-allowed'],
    ['client-window', 'station.release', { job, printer }, 'not-allowed'],
    ['client-window', 'admin.user.list', {}, 'not-allowed'],
    ['client-window', 'admin.key.destroy', { epoch: 1 }, 'not-allowed'],
    ['client-window', 'client.nothing', {}, 'not-found'],
    ['client-window', 'toString', {}, 'not-found'],
    ['client-window', '__proto__', {}, 'not-found'],
    ['client-window', ['client.state'], {}, 'not-found'],
    ['client-window', 'client.cancel', { job: '../etc' }, 'input-invalid'],
    ['client-window', 'client.cancel', null, 'input-invalid'],
    ['client-window', 'client.state', { extra: 1 }, 'input-invalid'],
    ['station-window', 'station.sign-in', { user: 'ada', pin: '12' }, 'input-invalid']
  ] as const)('%s may not call %s with %j: %s', async (caller, procedure, input, code) => {
    const { result, calls } = await route(caller, procedure, input);
    expect(result).toMatchObject({ ok: false, code });
    expect(calls).toEqual([]);
  });

  it('names the wrong field and never its value', async () => {
    const { result } = await route('station-window', 'station.sign-in', { user: 'ada', pin: '12canary' });
    expect(result).toMatchObject({ code: 'input-invalid', detail: 'pin' });
    expect(JSON.stringify(result)).not.toContain('canary');
  });

  it('passes failures on, and refuses an answer that breaks the contract', async () => {
    const refusal: Result<unknown> = { ok: false, code: 'pin-wrong', message: 'no' };
    expect((await route('client-window', 'client.cancel', { job }, refusal)).result).toEqual(refusal);
    const odd = await route('client-window', 'client.state', {}, { ok: true, value: { jobs: 'many' } });
    expect(odd.result).toMatchObject({ ok: false, code: 'internal' });
  });
});
