import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { silentLogger } from '../base/logger.ts';
import { createTestClock } from '../base/testing/clock.ts';
import type { JobsOrganization } from '../jobs/port.ts';
import { createSharedSignIn } from './shared-sign-in.ts';

/** A coordinator that knows one user and counts what it is asked. */
function start() {
  const clock = createTestClock();
  const asked: string[] = [];
  let failure: LetterlockError | null = null;
  const call = async (_path: string, { user, pin }: { user: string; pin: string }) => {
    asked.push(pin);
    if (failure) throw failure;
    if (user.toLowerCase() !== 'ada' || pin !== '1234') throw new LetterlockError('pin-wrong');
    const expires = isoTime(clock.now() + limits.sessionSeconds * 1000);
    return {
      session: `session ${asked.length}`,
      expires,
      user: { id: '00000000-0000-4000-8000-000000000001', name: 'ada' }
    };
  };
  const signIn = createSharedSignIn({
    organization: { call } as unknown as JobsOrganization,
    clock,
    logger: silentLogger
  });
  const fail = (code: LetterlockError | null) => {
    failure = code;
  };
  return { ...signIn, admit: signIn.access.admit, clock, asked, fail };
}

function request(user: string, pin: string, { tls = true } = {}): IncomingMessage {
  const socket = tls ? Object.create(TLSSocket.prototype, { remoteAddress: { value: '192.0.2.9' } }) : {};
  const authorization = `Basic ${Buffer.from(`${user}:${pin}`).toString('base64')}`;
  return Object.assign(new EventEmitter(), {
    headers: { authorization },
    socket,
    closed: false
  }) as unknown as IncomingMessage;
}

describe('signing in at a shared printer', () => {
  it('asks the coordinator once for many requests, until the session ends', async () => {
    const { admit, sessionOf, asked, clock } = start();
    const requests = [request('ada', '1234'), request('ada', '1234')];
    const answers = await Promise.all(requests.map(admit));
    for (const one of requests) one.emit('close');
    expect(answers).toEqual([
      { name: 'ada', sees: 'own' },
      { name: 'ada', sees: 'own' }
    ]);
    expect(asked).toHaveLength(1);
    expect(sessionOf('ada')).toMatchObject({ session: 'session 1' });
    expect(() => sessionOf('eve')).toThrow('session-expired');
    clock.advance(limits.sessionSeconds * 1000);
    expect(() => sessionOf('ada')).toThrow('session-expired');
  });

  it('renews the session while a document comes in, for the job that has begun, and not afterwards', async () => {
    const { admit, sessionOf, asked, clock } = start();
    const open = request('ada', '1234');
    await admit(open);
    const owner = sessionOf('ada');
    clock.advance(95_000);
    await new Promise(setImmediate);
    expect(asked).toHaveLength(2);
    expect(owner.session).toBe('session 2');
    open.emit('close');
    clock.advance(limits.sessionSeconds * 1000);
    await new Promise(setImmediate);
    expect(asked).toHaveLength(2);
    expect(() => sessionOf('ada')).toThrow('session-expired');
  });

  it('refuses wrong credentials, asks once about the same ones, and makes who shows many wait', async () => {
    const { admit, asked, clock } = start();
    expect(await admit(request('ada', '9999'))).toBeNull();
    const again = admit(request('ada', '9999'));
    clock.advance(1000);
    expect(await again).toBeNull();
    expect(asked).toEqual(['9999']);
    let settled = false;
    const third = admit(request('ada', '1234')).then((answer) => {
      settled = true;
      return answer;
    });
    await new Promise(setImmediate);
    expect(settled).toBe(false);
    clock.advance(10_000);
    expect(await third).toEqual({ name: 'ada', sees: 'own' });
  });

  it.each([
    ['in the clear', request('ada', '1234', { tls: false })],
    ['without a PIN', request('ada', '')],
    ['with what is no PIN', request('ada', 'letmein')],
    ['without a name', request('', '1234')]
  ])('asks nobody about a request %s', async (_, wrong) => {
    const { admit, asked } = start();
    expect(await admit(wrong)).toBeNull();
    expect(asked).toEqual([]);
  });

  it('says that the coordinator is away rather than that the PIN is wrong, and asks again', async () => {
    const { admit, fail } = start();
    fail(new LetterlockError('coordinator-unreachable'));
    await expect(admit(request('ada', '1234'))).rejects.toThrow('coordinator-unreachable');
    fail(null);
    expect(await admit(request('ada', '1234'))).toMatchObject({ name: 'ada' });
  });
});
