import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InvitationId } from '../../../src-preload/contract/index.ts';
import { Session } from '../../protocol/device-api.ts';
import { actor, createRig, type Rig, type TestDevice } from '../testing/rig.ts';

let rig: Rig;
let station: TestDevice;
beforeAll(async () => {
  rig = await createRig();
  station = await rig.pair('station', ['station']);
}, 60_000);
afterAll(() => rig?.close());

const handlers = () => rig.coordinator.handlers;
const refused = (code: string) => expect.objectContaining({ code });
/** Without a mail server: the link is for whoever invites. */
const invite = async (input: { name?: string; email?: string; hours?: number }) => {
  const made = await handlers()['admin.invitation.create']({ hours: 24, showLink: false, ...input }, actor);
  return { ...made, link: made.link ?? '' };
};
const userOf = async (name: string) =>
  (await handlers()['admin.user.list']({}, actor)).find((user) => user.name === name);
const signIn = (user: string, pin: string) => station.organization.call('/v1/sessions', { user, pin }, Session);

function send(url: string, method: string, form?: Record<string, string>, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const type = form ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
    const options = { method, agent: false, rejectUnauthorized: false, headers: { ...type, ...headers } };
    const sent = request(url, options, async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve({ status: response.statusCode ?? 0, text });
    });
    sent.once('error', reject);
    sent.end(form && new URLSearchParams(form).toString());
  });
}
const accept = (link: string, pin: string, again = pin) => send(link, 'POST', { pin, again });

describe('an invitation', () => {
  test('read ahead a hundred times does nothing; the person’s own word sets the PIN, once', async () => {
    const { link, name } = await invite({ name: '<b>Ada</b>', email: 'Ada@Example.org' });
    const rows = async () => (await handlers()['admin.audit.list']({ after: 0, limit: 1000 }, actor)).length;
    const before = await rows();
    const prefetch = { 'sec-purpose': 'prefetch', purpose: 'prefetch' };
    for (let i = 0; i < 100; i += 1)
      expect((await send(link, i % 3 === 0 ? 'HEAD' : 'GET', undefined, prefetch)).status).toBe(200);
    expect(await rows()).toBe(before);
    expect(await userOf(name)).toMatchObject({ hasPin: false, email: null });
    expect((await send(link, 'GET')).text).not.toContain('<b>');

    expect((await accept(link, '4711')).status).toBe(200);
    expect(await userOf(name)).toMatchObject({ hasPin: true, email: 'ada@example.org' });
    await signIn(name, '4711');
    for (const answer of [await accept(link, '5290'), await send(link, 'GET')]) expect(answer.status).toBe(403);
    await expect(signIn(name, '5290')).rejects.toEqual(refused('pin-wrong'));
  });

  test('is accepted once, however many accept it at the same time', async () => {
    const { link, name } = await invite({ name: 'Bea' });
    const pins = ['4711', '5290', '6138', '8125'];
    const answers = await Promise.all(pins.map((pin) => accept(link, pin)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403]);
    await signIn(name, pins[answers.findIndex(({ status }) => status === 200)] ?? '');
  });

  test('is left open by what is refused: a weak PIN, two that differ, another site', async () => {
    const { link, name } = await invite({ name: 'Cyd' });
    expect((await accept(link, '1234')).text).toContain('easy to guess');
    expect((await accept(link, '4711', '4712')).status).toBe(400);
    expect((await accept(link, 'abcd')).status).toBe(400);
    expect((await send(link, 'POST', { pin: '4711' })).status).toBe(400);
    const foreign = { 'sec-fetch-site': 'cross-site' };
    expect((await send(link, 'POST', { pin: '4711', again: '4711' }, foreign)).status).toBe(403);
    expect((await send(link, 'POST', { pin: '4711', again: '4711', more: 'x'.repeat(8000) })).status).toBe(413);
    expect(await userOf(name)).toMatchObject({ hasPin: false });
    expect((await accept(link, '4711')).status).toBe(200);
  });

  test('works no more when it is over, withdrawn, replaced, overtaken by another PIN, or of somebody who is suspended', async () => {
    const { id } = await handlers()['admin.user.add']({ name: 'Dee' }, actor);
    const suspend = (suspended: boolean) => handlers()['admin.user.suspend']({ id, suspended }, actor);
    const ends: [string, (one: { id: InvitationId }) => unknown][] = [
      ['withdrawn', (one) => handlers()['admin.invitation.revoke']({ id: one.id }, actor)],
      ['replaced', () => invite({ name: 'dee' })],
      ['overtaken', () => handlers()['admin.user.set-pin']({ id, pin: '9021' }, actor)],
      ['suspended', () => suspend(true)],
      ['over', () => rig.clock.advance(24 * 3600 * 1000)]
    ];
    for (const [why, end] of ends) {
      const one = await invite({ name: 'Dee' });
      await end(one);
      for (const answer of [await accept(one.link, '5290'), await send(one.link, 'GET')])
        expect(answer.status, why).toBe(403);
      await suspend(false);
    }
    await signIn('Dee', '9021');
  });

  test('is for whoever has the name or the address, and for nobody when these are two', async () => {
    const { id } = await handlers()['admin.user.add']({ name: 'Eve', email: 'eve@example.org' }, actor);
    expect((await invite({ email: 'EVE@example.org' })).user).toBe(id);
    await expect(invite({ name: 'Ada', email: 'eve@example.org' })).rejects.toEqual(refused('conflict'));
    expect((await invite({ email: 'fay@example.org' })).name).toBe('fay@example.org');
    expect((await invite({ email: 'fay@example.org' })).name).toBe('fay@example.org');
  });

  test('lies nowhere on the coordinator’s disk, in no list and in no row of the log', async () => {
    const { link } = await invite({ name: 'Gil' });
    const secret = link.split('/').at(-1) ?? '';
    expect(secret).toHaveLength(43);
    expect(JSON.stringify(await handlers()['admin.invitation.list']({}, actor))).not.toContain(secret);
    for (const name of ['coordinator.db', 'coordinator.db-wal'])
      expect((await readFile(join(rig.dataDir, name))).includes(secret), name).toBe(false);
    expect((await send(`${rig.coordinator.webUrl}/invitation/${'A'.repeat(43)}`, 'GET')).status).toBe(403);
  });
});
