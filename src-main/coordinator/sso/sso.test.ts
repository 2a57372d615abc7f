import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Input, procedures, type WebSessionView } from '../../../src-preload/contract/index.ts';
import { limits } from '../../base/limits.ts';
import { actor, createRig, type Rig } from '../testing/rig.ts';
import { openBrowser, type TestBrowser } from '../web/testing/browser.ts';
import { startProvider, type TestProvider } from './testing/provider.ts';

let rig: Rig;
let provider: TestProvider;
beforeAll(async () => {
  rig = await createRig();
  const { webUrl } = rig.coordinator;
  provider = await startProvider([`${webUrl}/sso/callback`], [`${webUrl}/admin`, `${webUrl}/portal`]);
}, 60_000);
afterAll(async () => {
  await rig?.close();
  await provider?.close();
});

const handlers = () => rig.coordinator.handlers;
type Settings = Input<'admin.sso.set'>;
const settings = (change: Partial<Settings> = {}): Settings => ({
  name: 'Company account',
  issuer: provider.issuer,
  clientId: provider.client.id,
  clientSecret: provider.client.secret,
  authority: provider.authority,
  ...change
});
const configure = (change?: Partial<Settings>) =>
  handlers()['admin.sso.set'](procedures['admin.sso.set'].input.parse(settings(change)), actor);
const audit = async (action: string) => {
  const filter = procedures['admin.audit.list'].input.parse({ action, limit: 1000 });
  return (await handlers()['admin.audit.list'](filter, actor)).filter((row) => row.action === action);
};
/** As the page does when it is opened: reads its session, and with it the token for what follows. */
async function opened(browser: TestBrowser): Promise<WebSessionView['as'] | undefined> {
  const { body } = await browser.get('/api/rpc/session.get');
  const { session } = JSON.parse(body.toString()).value as { session: WebSessionView | null };
  browser.csrf = session?.csrf ?? '';
  return session?.as;
}

beforeEach(async () => {
  provider.people.clear();
  provider.people.set('s-ada', { preferred_username: 'ada', email: 'Ada@example.org', email_verified: true });
  provider.person = 's-ada';
  for (const { id } of await handlers()['admin.sso.link.list']({}, actor))
    await handlers()['admin.sso.link.remove']({ id }, actor);
  await configure();
});

/** The cookie of the sign-on, which the browser of the tests does not keep by itself. */
async function begin(browser: TestBrowser, as: 'user' | 'admin'): Promise<{ url: string; cookie: string }> {
  const { value, headers, code } = await browser.rpc<{ url: string }>('sso.begin', { as });
  if (code) throw new Error(code);
  const line = headers['set-cookie']?.find((one) => one.startsWith('__Host-letterlock-sign-on=')) ?? '';
  expect(line).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  return { url: value.url, cookie: line.split(';', 1)[0] ?? '' };
}
/** As a browser follows the provider's redirect: from another site, with the Lax cookie and without the Strict one. */
const comeBack = (browser: TestBrowser, address: string, cookie: string) => {
  const { pathname, search } = new URL(address);
  return browser.get(pathname + search, { cookie, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' });
};
async function signOn(as: 'user' | 'admin', browser?: TestBrowser) {
  const used = browser ?? (await openBrowser(rig));
  const { url, cookie } = await begin(used, as);
  const address = await provider.visit(url);
  return { browser: used, address, cookie, answer: await comeBack(used, address, cookie) };
}
const refusal = async (as: 'user' | 'admin') => {
  const { answer, browser } = await signOn(as);
  expect(answer.status).toBe(403);
  expect(browser.cookie).toBe('');
  return answer.body.toString();
};

describe('setting it up', () => {
  test('the secret goes in, never out, and lies encrypted', async () => {
    const view = await handlers()['admin.sso.get']({}, actor);
    expect(view).toMatchObject({ issuer: provider.issuer, hasSecret: true });
    expect(JSON.stringify(view)).not.toContain(provider.client.secret);
    for (const file of ['coordinator.db', 'coordinator.db-wal'])
      expect((await readFile(join(rig.dataDir, file))).includes(provider.client.secret), file).toBe(false);
    expect(JSON.stringify(await audit('sso.set'))).not.toContain(provider.client.secret);
  });

  test('a secret stays with its provider and goes to no other', async () => {
    await configure({ name: 'Another word', clientSecret: undefined });
    expect((await signOn('user')).answer.body.toString()).toContain('no user of Letterlock'); // the client is still known
    await expect(configure({ clientId: 'other', clientSecret: undefined })).rejects.toMatchObject({
      code: 'input-invalid'
    });
  });

  test('a provider that does not answer, or under another certificate, or is another, is not taken', async () => {
    for (const change of [
      { issuer: 'https://localhost:1' },
      { authority: null },
      { issuer: `${provider.issuer}/other` }
    ])
      await expect(configure(change), JSON.stringify(change)).rejects.toMatchObject({
        code: 'identity-provider-unreachable'
      });
  });

  test('without one there is no sign-on', async () => {
    await handlers()['admin.sso.remove']({}, actor);
    const browser = await openBrowser(rig);
    expect((await browser.rpc('sso.get')).value).toBeNull();
    expect((await browser.rpc('sso.begin', { as: 'user' })).code).toBe('not-found');
  });
});

describe('users', () => {
  test('a first sign-on makes the user where that is allowed, the next finds them again', async () => {
    expect(await refusal('user')).toContain('no user of Letterlock');
    await configure({ createUsers: true });
    const first = await signOn('user');
    expect(first.answer).toMatchObject({ status: 303, headers: { location: '/portal' } });
    const as = await opened(first.browser);
    expect(as).toMatchObject({ kind: 'user', name: 'ada' });
    expect((await first.browser.rpc('portal.job.list')).status).toBe(200);
    // What the person is called there does not matter any more.
    provider.people.set('s-ada', { preferred_username: 'countess' });
    const again = await signOn('user');
    expect(await opened(again.browser)).toEqual(as);
  });

  test('nobody becomes somebody else by a name or an unverified address', async () => {
    await handlers()['admin.user.add']({ name: 'Grace', email: 'grace@example.org', pin: '730415' }, actor);
    await configure({ createUsers: true, linkByEmail: true });
    provider.person = 's-grace';
    provider.people.set('s-grace', { preferred_username: 'GRACE' });
    expect(await refusal('user')).toContain('another user has this name');
    for (const email_verified of [false, undefined, 'true']) {
      provider.people.set('s-grace', { preferred_username: 'Grace', email: 'grace@example.org', email_verified });
      expect(await refusal('user')).toContain('another user has this name');
    }
    provider.people.set('s-grace', { preferred_username: 'g', email: 'GRACE@example.org', email_verified: true });
    const { browser } = await signOn('user');
    expect(await opened(browser)).toMatchObject({ name: 'Grace' });

    // Another subject with the same address comes too late.
    provider.person = 's-mallory';
    provider.people.set('s-mallory', { preferred_username: 'm', email: 'grace@example.org', email_verified: true });
    expect(await refusal('user')).toContain('belongs to somebody else');
  });

  test('suspended here, out there: at once and at the next sign-on', async () => {
    await configure({ createUsers: true });
    provider.person = 's-mary';
    provider.people.set('s-mary', { preferred_username: 'mary' });
    const { browser } = await signOn('user');
    const as = await opened(browser);
    if (as?.kind !== 'user') throw new Error('not signed in');
    await handlers()['admin.user.suspend']({ id: as.id, suspended: true }, actor);
    expect((await browser.rpc('session.stay')).code).toBe('session-expired');
    expect(await refusal('user')).toContain('suspended here');
    expect((await audit('session.refused')).at(-1)).toMatchObject({ subject: as.id, detail: { method: 'sso' } });
  });

  test('domains and groups decide who may', async () => {
    await configure({ createUsers: true, allowedDomains: ['Example.com'], userGroups: ['print'] });
    const wrong = [
      { email: 'a@example.com', email_verified: true },
      { email: 'a@example.com', email_verified: true, groups: ['printers'] },
      { email: 'a@example.com', email_verified: false, groups: ['print'] },
      { email: 'a@evil.example.com', email_verified: true, groups: ['print'] },
      { email: 'a@example.com@evil.org', email_verified: true, groups: 'print' },
      { groups: ['print'] }
    ];
    for (const claims of wrong) {
      provider.people.set('s-ada', { preferred_username: 'domain', ...claims });
      await refusal('user');
    }
    provider.people.set('s-ada', {
      preferred_username: 'domain',
      email: 'a@EXAMPLE.com',
      email_verified: true,
      groups: ['print']
    });
    expect((await signOn('user')).answer.status).toBe(303);
  });

  test('whoever is signed in with a PIN links their own account, and no other', async () => {
    await handlers()['admin.user.add']({ name: 'Dorothy', pin: '730415' }, actor);
    const browser = await openBrowser(rig);
    await browser.rpc('session.user-sign-in', { user: 'Dorothy', pin: '730415' });
    const before = browser.cookie;
    await signOn('user', browser);
    expect(browser.cookie).not.toBe(before);
    const other = await signOn('user');
    expect(await opened(other.browser)).toMatchObject({ name: 'Dorothy' });

    await handlers()['admin.user.add']({ name: 'Katherine', pin: '730415' }, actor);
    const hers = await openBrowser(rig);
    await hers.rpc('session.user-sign-in', { user: 'Katherine', pin: '730415' });
    expect((await signOn('user', hers)).answer.body.toString()).toContain('linked to another account');

    // A session that was ended meanwhile links nothing.
    const ended = await openBrowser(rig);
    await ended.rpc('session.user-sign-in', { user: 'Katherine', pin: '730415' });
    provider.person = 's-new';
    provider.people.set('s-new', { preferred_username: 'new' });
    const { url, cookie } = await begin(ended, 'user');
    const address = await provider.visit(url);
    await ended.rpc('session.sign-out');
    expect((await comeBack(ended, address, cookie)).status).toBe(403);
  });
});

describe('administrators', () => {
  const adminGroups = [
    { group: 'it', role: 'operator' as const },
    { group: 'audit', role: 'auditor' as const }
  ];

  test('a group makes the role, at every sign-on anew, and without it the sessions end', async () => {
    await configure({ adminGroups });
    expect(await refusal('admin')).toContain('none of the groups that administer');
    provider.people.set('s-ada', { preferred_username: 'Ada', groups: ['audit', 'it'] });
    const { browser, answer } = await signOn('admin');
    expect(answer.headers.location).toBe('/admin');
    expect(await opened(browser)).toMatchObject({ kind: 'admin', name: 'ada', role: 'operator' });
    expect((await browser.rpc('admin.key.rotate')).status).toBe(200); // proved just now

    provider.people.set('s-ada', { preferred_username: 'ada', groups: ['audit'] });
    await signOn('admin');
    expect((await browser.rpc('admin.key.rotate')).code).toBe('not-allowed');
    expect((await browser.rpc('admin.user.list')).status).toBe(200);
    provider.people.set('s-ada', { preferred_username: 'ada' });
    await refusal('admin');
    expect((await browser.rpc('admin.user.list')).code).toBe('session-expired');
  });

  test('a local administrator’s name is nobody else’s, and who was removed stays out', async () => {
    await configure({ adminGroups });
    provider.person = 's-root';
    provider.people.set('s-root', { preferred_username: 'admin', groups: ['it'] });
    expect(await refusal('admin')).toContain('another administrator has this name');

    provider.people.set('s-root', { preferred_username: 'root', groups: ['it'] });
    expect((await signOn('admin')).answer.status).toBe(303);
    await handlers()['admin.admin.remove']({ name: 'root' }, actor);
    expect(await refusal('admin')).toContain('removed here');
    rig.clock.advance(1000);
    await handlers()['admin.admin.add']({ name: 'root', role: 'owner' }, actor);
    expect(await refusal('admin')).toContain('removed here');
    expect(await handlers()['admin.admin.list']({}, actor)).toContainEqual(
      expect.objectContaining({ name: 'root', role: 'owner' })
    );
  });

  test('a password never opens an account that has none', async () => {
    await configure({ adminGroups });
    provider.person = 's-nopass';
    provider.people.set('s-nopass', { preferred_username: 'nopass', groups: ['it'] });
    await signOn('admin');
    const browser = await openBrowser(rig);
    for (const password of [' ', 'null', 'undefined'])
      expect((await browser.rpc('session.sign-in', { name: 'nopass', password })).code).toBe('sign-in-refused');
  });

  test('the proof at the provider has to be fresh', async () => {
    await configure({ adminGroups });
    const { url } = await begin(await openBrowser(rig), 'admin');
    expect(new URL(url).searchParams.get('max_age')).toBe(String(limits.webProofSeconds));
  });
});

describe('an answer counts once, in the browser that asked, and only the provider’s', () => {
  beforeEach(async () => {
    await configure({ createUsers: true, linkByEmail: true });
  });

  test('not without the cookie, with another browser’s, with a changed one, or later', async () => {
    const mine = await openBrowser(rig);
    const { url, cookie } = await begin(mine, 'user');
    const address = await provider.visit(url);
    const victim = await openBrowser(rig);
    const theirs = await begin(victim, 'user');
    const changed = `${cookie.slice(0, -4)}AAAA`;
    for (const wrong of ['', theirs.cookie, changed, `${cookie.split('=')[0]}=`])
      expect((await comeBack(victim, address, wrong)).status, wrong).toBe(403);
    expect(victim.cookie).toBe('');
    rig.clock.advance(limits.signOnSeconds * 1000 + 1);
    expect((await comeBack(mine, address, cookie)).status).toBe(403);
  });

  test('not twice, not with another state, issuer or code, and not as somebody else than it began', async () => {
    const { browser, address, cookie, answer } = await signOn('user');
    expect(answer.status).toBe(303);
    browser.cookie = '';
    expect((await comeBack(browser, address, cookie)).status).toBe(403);

    const change = (parameter: string, value: string) => {
      const changed = new URL(address);
      changed.searchParams.set(parameter, value);
      return changed.href;
    };
    const next = await begin(browser, 'user');
    for (const wrong of [
      change('state', 'x'),
      change('iss', 'https://evil.example'),
      change('code', 'x'),
      `${rig.coordinator.webUrl}/sso/callback`,
      `${rig.coordinator.webUrl}/sso/callback?state=${new URL(next.url).searchParams.get('state')}&code=stolen`
    ])
      expect((await comeBack(browser, wrong, next.cookie)).status, wrong).toBe(403);

    // A code of another sign-on, in the clothes of this one: PKCE and nonce tell.
    const thief = await begin(browser, 'user');
    const stolen = new URL(await provider.visit((await begin(await openBrowser(rig), 'user')).url));
    stolen.searchParams.set('state', new URL(thief.url).searchParams.get('state') ?? '');
    expect((await comeBack(browser, stolen.href, thief.cookie)).status).toBe(403);
    expect(browser.cookie).toBe('');
  });

  test('a refusal of the provider is told, what strangers write is not', async () => {
    provider.person = 'nobody';
    const { answer } = await signOn('user');
    expect(answer.status).toBe(403);
    expect(answer.body.toString()).toContain('access_denied');
    const browser = await openBrowser(rig);
    const { url, cookie } = await begin(browser, 'user');
    const state = new URL(url).searchParams.get('state') ?? '';
    const script = '<script>alert(1)</script>';
    const iss = encodeURIComponent(provider.issuer);
    const hostile = `${rig.coordinator.webUrl}/sso/callback?state=${state}&iss=${iss}&error=${encodeURIComponent(script)}`;
    const page = await comeBack(browser, `${hostile}&error_description=${encodeURIComponent(script)}`, cookie);
    expect(page.status).toBe(403);
    expect(page.body.toString()).not.toMatch(/script|alert/);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  });

  test('another site cannot begin one', async () => {
    const browser = await openBrowser(rig);
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])
      expect((await browser.rpc('sso.begin', { as: 'user' }, headers)).code).toBe('not-allowed');
    expect((await browser.get('/api/rpc/sso.begin?input={"as":"user"}')).status).toBe(404);
  });

  test('signing out there is offered where the provider offers it', async () => {
    const { browser } = await signOn('user');
    await opened(browser);
    const { value } = await browser.rpc<{ url: string }>('sso.leave');
    const url = new URL(value.url);
    expect(url.origin).toBe(provider.issuer);
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${rig.coordinator.webUrl}/portal`);
  });
});
