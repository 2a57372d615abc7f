import { describe, expect, it } from 'vitest';
import type { Result, WebSessionView } from '../../src-preload/contract/index.ts';
import { createFakeGateway } from '../gateway/fake-gateway.ts';
import { createWebSession } from './web-session.ts';

const view: WebSessionView = {
  as: {
    kind: 'admin',
    name: 'ada',
    role: 'owner',
    mustChangePassword: false,
    secondFactor: { totp: false, passkeys: 0, recoveryCodes: 0 }
  },
  csrf: 'c',
  idleEnd: '2030-01-01T00:30:00Z',
  end: '2030-01-01T12:00:00Z',
  freshUntil: '2030-01-01T00:05:00Z'
};
const refused = (code: 'confirmation-required' | 'session-expired' | 'sign-in-refused'): Result<never> => ({
  ok: false,
  code,
  message: ''
});
const found = (session: WebSessionView | null) => ({
  ok: true as const,
  value: { organization: 'Acme', passkeys: true, session }
});

describe('a session in a browser', () => {
  it('is asked for at the start; the token goes with every request', async () => {
    const gateway = createFakeGateway({ 'session.get': () => found(view) });
    const session = createWebSession(gateway);
    await session.getState().start();
    expect(session.getState()).toMatchObject({ state: 'in', organization: 'Acme' });
    expect(gateway.csrf()).toBe('c');
  });

  it('ends on every page at the first answer that says so', async () => {
    const gateway = createFakeGateway({
      'session.get': () => found(view),
      'admin.user.list': () => refused('session-expired')
    });
    const session = createWebSession(gateway);
    await session.getState().start();
    await session.getState().read('admin.user.list', {});
    expect(session.getState()).toMatchObject({ state: 'out', view: null, ended: { code: 'session-expired' } });
    expect(gateway.csrf()).toBeNull();
  });

  it('asks for a proof before what is dangerous, then does it once', async () => {
    let fresh = false;
    const gateway = createFakeGateway({
      'admin.key.rotate': () => (fresh ? { ok: true, value: { epoch: 2 } } : refused('confirmation-required')),
      'session.confirm': (input) => {
        if ((input as { password: string }).password !== 'right') return refused('sign-in-refused');
        fresh = true;
        return { ok: true, value: view };
      }
    });
    const session = createWebSession(gateway);
    const rotated = session.getState().call('admin.key.rotate', {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(session.getState().confirming).toBe(true);
    await session.getState().confirm({ password: 'wrong' });
    expect(session.getState().confirming).toBe(true);
    await session.getState().confirm({ password: 'right' });
    expect(await rotated).toEqual({ ok: true, value: { epoch: 2 } });
    expect(gateway.calls.filter(({ procedure }) => procedure === 'admin.key.rotate')).toHaveLength(2);
  });

  it('does nothing when the person gives up', async () => {
    const gateway = createFakeGateway({ 'admin.key.rotate': () => refused('confirmation-required') });
    const session = createWebSession(gateway);
    const rotated = session.getState().call('admin.key.rotate', {});
    await new Promise((resolve) => setImmediate(resolve));
    session.getState().giveUp();
    expect(await rotated).toMatchObject({ code: 'confirmation-required' });
    expect(gateway.calls).toHaveLength(1);
  });
});
