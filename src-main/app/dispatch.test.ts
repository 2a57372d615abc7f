import { describe, expect, it } from 'vitest';
import { LetterlockError } from '../base/errors.ts';
import { silentLogger } from '../base/logger.ts';
import { createDispatch } from './dispatch.ts';

const job = '3b0f3f3e-8a53-4d0f-9d35-0d9e6fd0a001';

describe('dispatch', () => {
  const seen: unknown[] = [];
  const dispatch = createDispatch(
    {
      'client.cancel': async (input) => {
        seen.push(input);
        return {};
      },
      'client.state': async () => {
        throw new Error('with a secret: 123456');
      },
      'pairing.cancel': async () => {
        throw new LetterlockError('conflict', 'nothing to cancel');
      }
    },
    silentLogger
  );

  it('answers a caller who may call, with parsed input', async () => {
    expect(await dispatch('client-window', 'client.cancel', { job })).toEqual({ ok: true, value: {} });
    expect(seen).toEqual([{ job }]);
  });

  it.each([
    ['station-window', 'client.cancel', { job }, 'not-allowed'],
    ['client-window', 'admin.key.destroy', { epoch: 1 }, 'not-allowed'],
    ['admin', 'client.cancel', { job }, 'not-allowed'],
    ['local', 'client.cancel', { job: 'x' }, 'input-invalid'],
    ['local', 'client.cancel', null, 'input-invalid'],
    ['local', '__proto__', {}, 'not-found'],
    ['local', 'constructor', {}, 'not-found'],
    ['local', { procedure: 'client.cancel' }, {}, 'not-found'],
    ['local', 'station.state', {}, 'not-found'],
    ['local', 'pairing.cancel', {}, 'conflict']
  ] as const)('%s calling %s is refused', async (caller, procedure, input, code) => {
    const before = seen.length;
    expect(await dispatch(caller, procedure, input)).toMatchObject({ ok: false, code });
    expect(seen).toHaveLength(before);
  });

  it('the caller is judged before the input is looked at', async () => {
    const input = {
      get job() {
        throw new Error('touched');
      }
    };
    expect(await dispatch('station-window', 'client.cancel', input)).toMatchObject({ ok: false, code: 'not-allowed' });
  });

  it('an unexpected error crosses as internal, without its message', async () => {
    const result = await dispatch('local', 'client.state', {});
    expect(result).toMatchObject({ ok: false, code: 'internal' });
    expect(JSON.stringify(result)).not.toContain('123456');
  });

  it('a refused PIN is not echoed', async () => {
    const result = await dispatch('local', 'client.release', { job, printer: job, pin: '12ab-secret' });
    expect(JSON.stringify(result)).not.toContain('12ab');
  });
});
