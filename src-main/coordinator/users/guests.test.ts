import { request } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { InvitationLink, Output, UserId } from '../../../src-preload/contract/index.ts';
import { isoTime } from '../../base/clock.ts';
import { Session } from '../../protocol/device-api.ts';
import { actor, createRig, type Rig, sealJob, type TestDevice, until } from '../testing/rig.ts';
import { openBrowser, type TestBrowser } from '../web/testing/browser.ts';

const pin = '4711';
let rig: Rig;
let station: TestDevice;
let shared: TestDevice;
let ada: UserId;
let adas: TestBrowser;

beforeAll(async () => {
  rig = await createRig();
  ada = (await handlers()['admin.user.add']({ name: 'Ada', pin }, actor)).id;
  await handlers()['admin.user.add']({ name: 'Bob', pin }, actor);
  await handlers()['admin.policy.set']({ sharedPrinters: true }, actor);
  station = await rig.pair('station', ['station']);
  shared = await rig.pair('node', ['node']);
  await until(shared.organization, () => shared.organization.directory()?.policy.sharedPrinters === true);
}, 120_000);
afterAll(() => rig?.close());
beforeEach(async () => {
  await handlers()['admin.user.set-rules']({ guests: true, guestHosts: null, guestHours: 48 }, actor);
  adas = await portal('Ada');
});

const handlers = () => rig.coordinator.handlers;
const refused = (code: string) => expect.objectContaining({ code });
async function portal(user: string): Promise<TestBrowser> {
  const browser = await openBrowser(rig);
  await browser.rpc('session.user-sign-in', { user, pin });
  return browser;
}
const invite = (name: string, hours = 24, by = adas) => by.rpc<InvitationLink>('portal.guest.invite', { name, hours });
const guests = async (of = adas) => (await of.rpc<Output<'portal.guest.list'>>('portal.guest.list')).value.guests;
const signIn = (user: string, at = station) => at.organization.call('/v1/sessions', { user, pin }, Session);

/** The guest opens the link and sets a PIN. */
const accept = (link: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = request(link, { method: 'POST', agent: false, rejectUnauthorized: false, headers }, (response) =>
      resolve(response.resume().statusCode)
    );
    sent.once('error', reject);
    sent.end(`pin=${pin}&again=${pin}`);
  });
/** As a node does it for somebody who has signed in at its shared printer. */
async function print(user: string) {
  const { session, user: owner } = await signIn(user, shared);
  const change = { owner: owner.id, expires: rig.clock.now() + 3600 * 1000 };
  const job = await sealJob({ client: shared, nodes: [shared], now: rig.clock.now(), change });
  await shared.organization.call('/v1/jobs', { ...job.request, session }, z.object({}));
  return job.id;
}

describe('a guest', () => {
  test('prints at a shared printer and signs in at a station, until the account ends by itself with all that waits', async () => {
    const { value } = await invite('Guido');
    expect(await guests()).toMatchObject([{ name: 'Guido', hasPin: false }]);
    expect(await accept(value.link)).toBe(200);
    rig.clock.advance(23.5 * 3600 * 1000);
    const job = await print('Guido');
    await signIn('Guido');

    rig.clock.advance(0.5 * 3600 * 1000 + 1);
    await expect(signIn('Guido')).rejects.toEqual(refused('pin-wrong'));
    await expect.poll(async () => (await handlers()['admin.job.show']({ id: job }, actor)).state).toBe('canceled');
    expect(await guests(await portal('Ada'))).toEqual([]);
    const rows = await handlers()['admin.audit.list']({ after: 0, limit: 1000 }, actor);
    expect(rows.find((row) => row.subject === value.user && row.action === 'user.removed')?.actor).toBe('coordinator');
  });

  test('goes with the host, and before its time when the host says so; of others nobody removes it', async () => {
    const first = await invite('Hella');
    await accept(first.value.link);
    const bobs = await portal('Bob');
    expect((await bobs.rpc('portal.guest.remove', { id: first.value.user })).code).toBe('not-found');
    expect((await bobs.rpc('portal.guest.remove', { id: ada })).code).toBe('not-found');
    await adas.rpc('portal.guest.remove', { id: first.value.user });
    await expect(signIn('Hella')).rejects.toEqual(refused('pin-wrong'));

    const { id } = await handlers()['admin.user.add']({ name: 'Host', pin }, actor);
    const { value } = await invite('Ines', 24, await portal('Host'));
    await accept(value.link);
    await signIn('Ines');
    await handlers()['admin.user.remove']({ id }, actor);
    await expect(signIn('Ines')).rejects.toEqual(refused('pin-wrong'));
  });

  test('invites nobody, is nobody’s delegate and has no badge', async () => {
    const { value } = await invite('Jo');
    await accept(value.link);
    const jos = await portal('Jo');
    expect((await invite('Kim', 1, jos)).code).toBe('policy-refused');
    const end = isoTime(rig.clock.now() + 3600 * 1000);
    expect((await jos.rpc('portal.delegate.add', { name: 'Ada', until: end })).code).toBe('not-allowed');
    expect((await adas.rpc('portal.delegate.add', { name: 'Jo', until: end })).code).toBe('not-allowed');
    expect((await jos.rpc('portal.badge.add', { pin, number: 'ABCD' })).code).toBe('not-allowed');
  });

  test('is invited only where, by whom and for as long as it is allowed', async () => {
    const rules = (change: object) => handlers()['admin.user.set-rules'](change, actor);
    expect((await invite('Lou', 49)).code).toBe('policy-refused');
    expect((await invite('Bob')).code).toBe('conflict');
    const group = await handlers()['admin.group.add']({ name: 'Hosts' }, actor);
    await rules({ guestHosts: group.id });
    expect((await invite('Lou')).code).toBe('policy-refused');
    await handlers()['admin.group.set-members']({ id: group.id, members: [ada] }, actor);
    expect((await invite('Lou')).status).toBe(200);
    await handlers()['admin.group.remove']({ id: group.id }, actor);
    expect((await invite('Max')).code).toBe('policy-refused');
    await rules({ guestHosts: null, guests: false });
    expect((await invite('Max')).code).toBe('policy-refused');
  });
});
