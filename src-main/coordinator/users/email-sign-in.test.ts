import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { UserId, UserRules, WebSessionView } from '../../../src-preload/contract/index.ts';
import { limits } from '../../base/limits.ts';
import { type ReceivedMail, startMailServer, type TestMailServer } from '../mail/testing/mail-server.ts';
import { actor, createRig, type Rig } from '../testing/rig.ts';
import { openBrowser, type TestBrowser } from '../web/testing/browser.ts';

const email = 'ada@example.org';
let rig: Rig;
let server: TestMailServer;
let ada: UserId;
let seen = 0;
beforeAll(async () => {
  rig = await createRig();
  server = await startMailServer();
  await handlers()['admin.mail.set']({ ...server.settings, password: server.password }, actor);
  await rules({ emailSignIn: true });
  const made = await invite('Ada', email);
  ada = made.user;
  const { text } = await nextMail();
  expect((await send(linkIn(text), 'POST', '', { pin: '730415', again: '730415' })).status).toBe(200);
}, 60_000);
afterAll(async () => {
  await rig?.close();
  await server?.close();
});
/** Earlier tests have asked, too. */
beforeEach(() => rig.clock.advance(limits.signInLinkSeconds * 1000));

const handlers = () => rig.coordinator.handlers;
const rules = (change: Partial<UserRules>) => handlers()['admin.user.set-rules'](change, actor);
const invite = (name: string, address: string, showLink = false) =>
  handlers()['admin.invitation.create']({ name, email: address, hours: 1, showLink }, actor);
const actions = async (action: string) =>
  (await handlers()['admin.audit.list']({ after: 0, limit: 1000 }, actor)).filter((row) => row.action === action);
const linkIn = (text: string) => /https:\S+/.exec(text)?.[0] ?? '';

function nextMail(): Promise<ReceivedMail> {
  seen += 1;
  return server.mail(seen);
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}
function send(
  url: string,
  method: string,
  cookie: string,
  form?: Record<string, string>,
  headers: Record<string, string> = {}
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type = form ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
    const all = { ...type, ...(cookie && { cookie }), ...headers };
    const sent = request(url, { method, agent: false, rejectUnauthorized: false, headers: all }, async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    sent.once('error', reject);
    sent.end(form && new URLSearchParams(form).toString());
  });
}
const look = (link: string, cookie: string) => send(link, 'GET', cookie);
const press = (link: string, cookie: string, headers = {}) => send(link, 'POST', cookie, {}, headers);

/** Asks as the sign-in page does. `cookie`: what that browser then knows. */
async function ask(address: string, browser?: TestBrowser) {
  const asking = browser ?? (await openBrowser(rig));
  const { status, code, headers, value } = await asking.rpc('email-link.ask', { email: address });
  const set = headers['set-cookie']?.[0] ?? '';
  return { status, code, value, set, cookie: set.split(';')[0] ?? '' };
}
async function asked() {
  const { cookie } = await ask(email);
  const { text } = await nextMail();
  return { cookie, link: linkIn(text), text };
}

describe('a link by mail', () => {
  test('signs in the browser that asked, once, by the person’s own word', async () => {
    const browser = await openBrowser(rig);
    const { cookie, set } = await ask('ADA@example.org', browser);
    expect(set).toMatch(/^__Host-letterlock-link=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    const { to, text } = await nextMail();
    expect(to).toEqual([email]);
    const link = linkIn(text);

    const before = (await actions('session.started')).length;
    const prefetch = { 'sec-purpose': 'prefetch', purpose: 'prefetch' };
    for (let i = 0; i < 100; i += 1) {
      const page = await send(link, i % 3 === 0 ? 'HEAD' : 'GET', i % 2 === 0 ? cookie : '', undefined, prefetch);
      expect(page.headers['set-cookie']).toBeUndefined();
    }
    expect(await actions('session.started')).toHaveLength(before);

    expect((await look(link, cookie)).text).toContain('<button>Sign in as Ada</button>');
    const answer = await press(link, cookie, { 'sec-fetch-site': 'same-origin' });
    expect([answer.status, answer.headers.location]).toEqual([303, '/portal']);
    const cookies = answer.headers['set-cookie'] ?? [];
    expect(cookies[0]).toMatch(/^__Host-letterlock-link=; .*Expires=Thu, 01 Jan 1970/);
    expect(cookies[1]).toMatch(/^__Host-letterlock=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    browser.cookie = /^__Host-letterlock=([^;]*)/.exec(cookies[1] ?? '')?.[1] ?? '';
    const { value } = JSON.parse(String((await browser.get('/api/rpc/session.get')).body)) as {
      value: { session: WebSessionView };
    };
    expect(value.session.as).toMatchObject({ kind: 'user', id: ada });
    expect((await actions('session.started')).at(-1)?.detail).toMatchObject({ method: 'email-link' });

    for (const again of [await press(link, cookie), await look(link, cookie)]) expect(again.status).toBe(403);
  });

  test('works in no other browser, and says so', async () => {
    const { cookie, link } = await asked();
    const other = await ask('somebody@example.org');
    for (const foreign of ['', other.cookie, `${cookie}x`, cookie.replace('-link', '')])
      for (const answer of [await look(link, foreign), await press(link, foreign)]) {
        expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
        expect(answer.text).toContain('another browser');
        expect(answer.text).not.toContain('Ada');
      }
    expect((await press(link, cookie, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await press(link, cookie)).status).toBe(303);
  });

  test('is used once, however many press at the same time', async () => {
    const { cookie, link } = await asked();
    const answers = await Promise.all([1, 2, 3, 4].map(() => press(link, cookie)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 403, 403, 403]);
  });

  test('ends with its time, with the account, with the address and with the rule', async () => {
    const suspend = (suspended: boolean) => handlers()['admin.user.suspend']({ id: ada, suspended }, actor);
    const setEmail = (address: string) => handlers()['admin.user.set-email']({ id: ada, email: address }, actor);
    const ends: [string, () => unknown, () => unknown][] = [
      ['suspended', () => suspend(true), () => suspend(false)],
      ['moved', () => setEmail('ada@example.com'), () => setEmail(email)],
      ['forbidden', () => rules({ emailSignIn: false }), () => rules({ emailSignIn: true })],
      ['over', () => rig.clock.advance(limits.signInLinkSeconds * 1000), () => {}]
    ];
    for (const [why, end, undo] of ends) {
      const { cookie, link } = await asked();
      await end();
      for (const answer of [await look(link, cookie), await press(link, cookie)]) expect(answer.status, why).toBe(403);
      await undo();
      rig.clock.advance(limits.signInLinkSeconds * 1000);
    }
  });

  test('is sent to nobody but users with a confirmed address; whoever asks learns nothing', async () => {
    await handlers()['admin.user.add']({ name: 'Bob', email: 'bob@example.org' }, actor);
    const shown = await invite('Cyd', 'cyd@example.org', true);
    await nextMail();
    expect(shown.link).not.toBeNull();
    await send(shown.link ?? '', 'POST', '', { pin: '730415', again: '730415' });

    const known = await ask(email);
    const unknown = ['nobody@example.org', 'bob@example.org', 'cyd@example.org', 'admin@example.org'];
    for (const address of unknown) {
      const answer = await ask(address);
      expect({ ...answer, set: '', cookie: '' }).toEqual({ ...known, set: '', cookie: '' });
      expect(answer.cookie).toHaveLength(known.cookie.length);
    }
    expect((await nextMail()).to).toEqual([email]);
    // What was asked for before it is decided by the time that this one has come.
    rig.clock.advance(limits.signInLinkSeconds * 1000);
    await ask(email);
    await nextMail();
    expect(server.mails).toHaveLength(seen);
    expect(new Set((await actions('session.link-asked')).map(({ subject }) => subject))).toEqual(new Set([ada]));
  });

  test('confirms an address for whoever is signed in with a PIN', async () => {
    const { id } = await handlers()['admin.user.add']({ name: 'Fay', email: 'fay@example.org', pin: '730415' }, actor);
    const browser = await openBrowser(rig);
    await browser.rpc('session.user-sign-in', { user: 'Fay', pin: '730415' });
    const { headers } = await browser.rpc('portal.email.confirm');
    const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    const { to, text } = await nextMail();
    expect(to).toEqual(['fay@example.org']);
    const now = async () => (await browser.rpc<{ confirmed: boolean }>('portal.email.get')).value.confirmed;
    expect(await now()).toBe(false);
    expect((await press(linkIn(text), cookie)).status).toBe(303);
    expect(await now()).toBe(true);
    await handlers()['admin.user.set-email']({ id, email: 'fay@example.com' }, actor);
    expect(await now()).toBe(false);
  });

  test('is sent so often and no more: to one address without a word, for one network with one', async () => {
    const links = [];
    for (let i = 0; i < limits.signInLinks; i += 1) links.push(await asked());
    for (let i = limits.signInLinks; i < limits.signInLinksPerNetwork; i += 1)
      expect((await ask(email)).status).toBe(200);
    expect((await ask(email)).code).toBe('rate-limited');
    expect((await ask('nobody@example.org')).code).toBe('rate-limited');
    for (const { cookie, link } of links.slice(0, 1)) expect((await look(link, cookie)).status).toBe(200);
    expect(server.mails).toHaveLength(seen);
  });

  test('is offered only where the rules say so, and at our own address, which alone stands in mails', async () => {
    const offered = async (name?: string) =>
      JSON.parse(String((await (await openBrowser(rig, name)).get('/api/rpc/email-link.get')).body)).value;
    expect([await offered(), await offered('localhost')]).toEqual([{ offered: true }, { offered: false }]);
    expect((await ask(email, await openBrowser(rig, 'localhost'))).code).toBe('not-found');
    await rules({ emailSignIn: false });
    expect(await offered()).toEqual({ offered: false });
    expect((await ask(email)).code).toBe('not-found');
    await rules({ emailSignIn: true });
  });

  test('lies nowhere on the coordinator’s disk', async () => {
    const { cookie, link } = await asked();
    const secrets = [link.split('/').at(-1) ?? '', cookie.split('=')[1] ?? ''];
    for (const secret of secrets) {
      expect(secret).toHaveLength(43);
      for (const name of ['coordinator.db', 'coordinator.db-wal'])
        expect((await readFile(join(rig.dataDir, name))).includes(secret), name).toBe(false);
    }
  });
});

describe('an invitation', () => {
  test('that is mailed is shown to nobody; one that cannot be mailed is handed over', async () => {
    const made = await invite('Dan', 'dan@example.org');
    expect(made).toMatchObject({ link: null, mailedTo: 'dan@example.org', failure: null });
    const { text } = await nextMail();
    expect((await look(linkIn(text), '')).text).toContain('Dan');

    await server.close();
    const handed = await invite('Eve', 'eve@example.org');
    expect(handed).toMatchObject({ mailedTo: null, failure: expect.stringContaining('no connection') });
    expect((await look(handed.link ?? '', '')).text).toContain('Eve');
  });
});
