import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { PolicyView, UserId } from '../../../src-preload/contract/index.ts';
import { Session } from '../../protocol/device-api.ts';
import { actor, createRig, type Rig, type TestDevice } from '../testing/rig.ts';
import { openBrowser, type TestBrowser } from '../web/testing/browser.ts';

let rig: Rig;
let station: TestDevice;
let client: TestDevice;
let ada: UserId;
const pin = '271828';
const number = '04:A2-5F 91 7C';

beforeAll(async () => {
  rig = await createRig();
  ({ id: ada } = await handlers()['admin.user.add']({ name: 'Ada', pin }, actor));
  station = await rig.pair('station', ['station']);
  client = await rig.pair('laptop', ['client'], 'Ada');
  await handlers()['admin.badge.add']({ user: ada, number }, actor);
}, 60_000);
afterAll(() => rig?.close());

const handlers = () => rig.coordinator.handlers;
const policy = (badges: PolicyView['badges']) => handlers()['admin.policy.set']({ badges }, actor);
const signIn = (proof: object, device = station) => device.organization.call('/v1/sessions', proof, Session);
const refused = (code: string) => expect.objectContaining({ code });

describe('a badge', () => {
  beforeEach(() => policy('alone'));

  test('signs its owner in at a station, however the reader writes it, and nowhere else', async () => {
    for (const badge of [number, '04a25f917c', '04A2 5F91-7C'])
      expect((await signIn({ badge })).user).toMatchObject({ id: ada, name: 'Ada' });
    await expect(signIn({ badge: '04A25F917D' })).rejects.toEqual(refused('pin-wrong'));
    await expect(signIn({ badge: number }, client)).rejects.toEqual(refused('not-allowed'));
    expect(await handlers()['admin.badge.list']({ user: ada }, actor)).toMatchObject([
      { lastUsed: expect.any(String) }
    ]);
  });

  test('does what the policy says: nothing, or only with the PIN', async () => {
    await policy('off');
    await expect(signIn({ badge: number })).rejects.toEqual(refused('policy-refused'));
    await policy('with-pin');
    for (const badge of [number, 'unknown']) await expect(signIn({ badge })).rejects.toEqual(refused('pin-required'));
    await expect(signIn({ badge: number, pin: '0000' })).rejects.toEqual(refused('pin-wrong'));
    await expect(signIn({ badge: 'unknown', pin })).rejects.toEqual(refused('pin-wrong'));
    expect((await signIn({ badge: number, pin })).user.id).toBe(ada);
  });

  test('does not open a second way to guess the PIN', async () => {
    await policy('with-pin');
    for (let i = 0; i < 3; i += 1)
      await expect(signIn({ badge: number, pin: '0000' })).rejects.toEqual(refused('pin-wrong'));
    for (let i = 0; i < 2; i += 1)
      await expect(signIn({ user: 'ada', pin: '0000' })).rejects.toEqual(refused('pin-wrong'));
    await expect(signIn({ badge: number, pin })).rejects.toEqual(refused('pin-locked'));
    rig.clock.advance(60_001);
    await signIn({ badge: number, pin });
  });

  test('of somebody who was suspended opens nothing', async () => {
    await handlers()['admin.user.suspend']({ id: ada, suspended: true }, actor);
    await expect(signIn({ badge: number })).rejects.toEqual(refused('pin-wrong'));
    await handlers()['admin.user.suspend']({ id: ada, suspended: false }, actor);
    await signIn({ badge: number });
  });

  test('belongs to one user; its number is in no file and no row of the log', async () => {
    const { id } = await handlers()['admin.user.add']({ name: 'Bob', pin: '730415' }, actor);
    await expect(handlers()['admin.badge.add']({ user: id, number: '04a25f917c' }, actor)).rejects.toEqual(
      refused('conflict')
    );
    for (const name of ['coordinator.db', 'coordinator.db-wal']) {
      const file = (await readFile(join(rig.dataDir, name))).toString('latin1').toUpperCase();
      expect(file.includes('04A25F917C') || file.includes(number), name).toBe(false);
    }
  });
});

describe('in the portal', () => {
  const signedIn = async (user: string, pin: string): Promise<TestBrowser> => {
    const browser = await openBrowser(rig);
    await browser.rpc('session.user-sign-in', { user, pin });
    return browser;
  };

  test('a user enrolls a badge with the PIN, and removes their own and nobody else’s', async () => {
    await policy('alone');
    const browser = await signedIn('Ada', pin);
    const own = 'NEW-BADGE-1';
    expect((await browser.rpc('portal.badge.add', { pin: '0000', number: own })).code).toBe('pin-wrong');
    const { value } = await browser.rpc<{ id: string }>('portal.badge.add', { pin, number: own });
    await signIn({ badge: own });
    const bob = await signedIn('Bob', '730415');
    expect((await bob.rpc('portal.badge.remove', { id: value.id })).code).toBe('not-found');
    expect((await browser.rpc('portal.badge.remove', { id: value.id })).status).toBe(200);
    await expect(signIn({ badge: own })).rejects.toEqual(refused('pin-wrong'));
    const all = await browser.get('/api/rpc/portal.badge.list');
    expect(
      z
        .object({ value: z.array(z.object({ user: z.literal(ada) })).length(1) })
        .safeParse(JSON.parse(all.body.toString())).success
    ).toBe(true);
  });
});
