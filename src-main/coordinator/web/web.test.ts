import { request as plainRequest } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { procedures, type WebSessionView } from '../../../src-preload/contract/index.ts';
import { limits } from '../../base/limits.ts';
import { actor, adminPassword, createRig, type Rig } from '../testing/rig.ts';
import { openBrowser, type ServerSentEvent, type TestBrowser } from './testing/browser.ts';

let rig: Rig;
let browser: TestBrowser;
beforeAll(async () => {
  rig = await createRig();
}, 60_000);
afterAll(() => rig.close());

const fresh = async () => {
  browser = await openBrowser(rig);
  return browser;
};
const allRows = procedures['admin.audit.list'].input.parse({ limit: 1000 });
const audit = async () => rig.coordinator.handlers['admin.audit.list'](allRows, actor);

describe('the web listener', () => {
  test('speaks HTTPS only, and says what browsers should not do', async () => {
    const { port } = new URL(rig.coordinator.webUrl);
    const answer = await new Promise<string>((resolve) => {
      const sent = plainRequest({ port, host: '127.0.0.1' }, (response) => resolve(String(response.statusCode)));
      sent.once('error', () => resolve('no answer'));
      sent.end();
    });
    expect(answer).toBe('no answer');

    const page = await (await fresh()).get('/admin');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'"
    );
    expect(page.headers['strict-transport-security']).toBeDefined();
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    const data = await browser.get('/api/rpc/session.get');
    expect(data.headers['cache-control']).toBe('no-store');
  });

  test('a GET has no effect: what changes something is not there for it', async () => {
    await (await fresh()).signIn();
    const before = (await audit()).length;
    for (const path of ['admin.key.rotate', 'session.sign-out', 'session.stay', 'admin.user.add?input={"name":"X"}'])
      expect((await browser.get(`/api/rpc/${path}`)).status, path).toBe(404);
    for (const path of [
      '/',
      '/admin/x',
      '/portal',
      '/api/openapi.json',
      '/api/rpc/admin.user.list',
      '/api/rpc/console.start'
    ])
      expect((await browser.get(path)).status, path).toBeLessThan(400);
    expect(await audit()).toHaveLength(before);
  });

  test('answers are small: compressed, and to a GET nothing when nothing changed', async () => {
    await (await fresh()).signIn();
    const packed = await browser.get('/api/rpc/admin.audit.list', { 'accept-encoding': 'gzip, br;q=0' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(JSON.parse(gunzipSync(packed.body).toString())).toMatchObject({ ok: true });

    const { headers } = await browser.get('/api/rpc/admin.policy.get');
    const again = () => browser.get('/api/rpc/admin.policy.get', { 'if-none-match': String(headers.etag) });
    expect(await again()).toMatchObject({ status: 304, body: Buffer.alloc(0) });
    await rig.coordinator.handlers['admin.policy.set']({ holdHours: 30 }, actor);
    expect((await again()).status).toBe(200);
  });
});

describe('a session', () => {
  test('is a cookie that scripts, other sites and plain HTTP never see, new at each sign-in', async () => {
    await fresh();
    browser.cookie = 'p'.repeat(43); // planted
    const answer = await browser.rpc('session.sign-in', { name: 'ADMIN', password: await adminPassword(rig) });
    const [set = ''] = answer.headers['set-cookie'] ?? [];
    expect(set).toMatch(/^__Host-letterlock=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const first = browser.cookie;
    await browser.signIn();
    expect(browser.cookie).not.toBe(first);
    const { cookie } = browser;
    browser.cookie = first;
    expect((await browser.rpc('admin.user.list')).code).toBe('session-expired');
    browser.cookie = cookie;
    expect((await browser.rpc('admin.user.list')).status).toBe(200);
  });

  test('other sites cannot use it: no token, a wrong token, another origin, a form', async () => {
    await (await fresh()).signIn();
    const other = await openBrowser(rig);
    await other.signIn();
    const attempts = [
      { 'x-letterlock-csrf': undefined },
      { 'x-letterlock-csrf': other.csrf },
      { 'x-letterlock-csrf': 'x'.repeat(browser.csrf.length) },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: undefined },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' }
    ];
    for (const headers of attempts)
      expect((await browser.rpc('admin.key.rotate', {}, headers)).code, JSON.stringify(headers)).toBe('not-allowed');
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect((await browser.rpc('admin.key.rotate', {}, { 'content-type': type })).code, type).toBe('input-invalid');
    expect((await browser.get('/api/rpc/admin.user.list', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const signIn = { name: 'admin', password: await adminPassword(rig) };
    const elsewhere = await openBrowser(rig);
    expect((await elsewhere.rpc('session.sign-in', signIn, { origin: 'https://evil.example' })).code).toBe(
      'not-allowed'
    );
    expect((await browser.rpc('admin.key.rotate')).status).toBe(200);
  });

  test('ends by idleness, which reading alone does not stop, and by age', async () => {
    await (await fresh()).signIn();
    const half = (limits.webSessionIdleSeconds / 2 + 1) * 1000;
    rig.clock.advance(half);
    expect((await browser.get('/api/rpc/admin.user.list')).status).toBe(200);
    rig.clock.advance(half);
    expect((await browser.get('/api/rpc/admin.user.list')).status).toBe(401);

    const { end } = await browser.signIn();
    for (let now = rig.clock.now(); now < Date.parse(end); now = rig.clock.now()) {
      expect((await browser.rpc('session.stay')).status).toBe(200);
      rig.clock.advance(half);
    }
    expect((await browser.rpc('session.stay')).code).toBe('session-expired');
  });

  test('is listed, ended one by one and all others at once', async () => {
    await (await fresh()).signIn();
    await browser.rpc('session.end-others');
    const others = [await openBrowser(rig), await openBrowser(rig)];
    for (const other of others) await other.signIn();
    const [one, two] = others;
    const list = await browser.rpc<{ id: string; current: boolean; agent: string }[]>('session.list');
    expect(list.value.map(({ current }) => current).sort()).toEqual([false, false, true]);
    const theirs = (await one?.rpc<{ id: string; current: boolean }[]>('session.list'))?.value.find((s) => s.current);
    expect((await browser.rpc('session.end', { id: theirs?.id })).status).toBe(200);
    expect((await one?.rpc('session.stay'))?.code).toBe('session-expired');
    expect((await two?.rpc('session.stay'))?.status).toBe(200);
    await browser.rpc('session.end-others');
    expect((await two?.rpc('session.stay'))?.code).toBe('session-expired');
    const out = await browser.rpc('session.sign-out');
    expect(out.headers['set-cookie']?.[0]).toMatch(/^__Host-letterlock=; .*Expires=Thu, 01 Jan 1970/);
  });

  test('of a user sees the portal’s procedures and nothing of an administrator’s', async () => {
    await rig.coordinator.handlers['admin.user.add']({ name: 'Ada', pin: '730415' }, actor);
    await fresh();
    expect((await browser.rpc('session.user-sign-in', { user: 'Ada', pin: '654321' })).code).toBe('pin-wrong');
    const { value } = await browser.rpc<WebSessionView>('session.user-sign-in', { user: 'ada', pin: '730415' });
    expect(value.as).toMatchObject({ kind: 'user', name: 'Ada' });
    for (const procedure of ['admin.user.list', 'account.set-password', 'console.start'])
      expect((await browser.rpc(procedure)).code, procedure).toBe('not-allowed');
    const id = value.as.kind === 'user' ? value.as.id : undefined;
    if (id) await rig.coordinator.handlers['admin.user.suspend']({ id, suspended: true }, actor);
    expect((await browser.rpc('session.stay')).code).toBe('session-expired');
  });
});

describe('procedures', () => {
  test('answer with values or codes; what is not served here is not there', async () => {
    await (await fresh()).signIn();
    expect((await browser.rpc('admin.user.add', { name: 'Grace', pin: '7304' })).value).toMatchObject({ hasPin: true });
    expect((await browser.rpc('admin.user.add', { name: 'grace' })).code).toBe('conflict');
    expect((await browser.rpc('admin.user.add', { name: '' })).code).toBe('input-invalid');
    for (const name of ['client.state', 'constructor', 'admin.nothing', '__proto__'])
      expect((await browser.rpc(name)).code, name).toBe('not-found');
    expect((await browser.get('/api/rpc/admin.audit.list?input={"limit":0}')).status).toBe(400);
    expect((await browser.get('/api/rpc/admin.audit.list?input={')).status).toBe(400);
    expect((await (await fresh()).rpc('admin.user.list')).code).toBe('session-expired');
  });

  test('the first page is one answer', async () => {
    await (await fresh()).signIn();
    const { value } = await browser.rpc('console.start');
    expect(value).toMatchObject({
      organization: { name: 'Test organization' },
      session: { as: { kind: 'admin', name: 'admin', role: 'owner' } },
      setup: { passwordChanged: false, secondFactor: false, printer: false, user: true },
      overview: { devices: { approved: 0 }, users: { suspended: 1 } }
    });
  });
});

describe('events', () => {
  const next = async (stream: AsyncGenerator<ServerSentEvent>, area: string): Promise<ServerSentEvent> => {
    for await (const event of stream) if (event.data.changes?.some((change) => change.area === area)) return event;
    throw new Error('the stream ended');
  };
  const cursor = async () => (await browser.rpc<{ cursor: string }>('console.start')).value.cursor;

  test('say what has changed, in order, and go on where a connection was lost', async () => {
    await (await fresh()).signIn();
    const stream = browser.events(await cursor());
    const heard = next(stream, 'user');
    const user = await rig.coordinator.handlers['admin.user.add']({ name: 'Katherine' }, actor);
    const event = await heard;
    expect(event.data.changes).toEqual(
      expect.arrayContaining([
        { area: 'user', ids: [user.id] },
        { area: 'audit', ids: [] }
      ])
    );
    await stream.return(undefined);

    await rig.coordinator.handlers['admin.policy.set']({ replicas: 3 }, actor);
    const resumed = browser.events(event.id);
    const { value: missed } = await resumed.next();
    expect(missed.data.changes.map(({ area }: { area: string }) => area)).toEqual(['policy', 'audit']);
    await resumed.return(undefined);
  });

  test('tell to read everything again what is not known any more', async () => {
    for (const after of ['another-life.3', 'nonsense', `${(await cursor()).split('.')[0]}.999999`]) {
      const stream = browser.events(after);
      expect((await stream.next()).value).toMatchObject({ event: 'reset' });
      await stream.return(undefined);
    }
  });

  test('of a user are about the user alone', async () => {
    const { id } = await rig.coordinator.handlers['admin.user.add']({ name: 'Mary', pin: '730415' }, actor);
    await (await fresh()).rpc('session.user-sign-in', { user: 'Mary', pin: '730415' });
    const stream = browser.events();
    const heard = stream.next();
    await rig.coordinator.handlers['admin.policy.set']({ replicas: 1 }, actor);
    await rig.coordinator.handlers['admin.user.add']({ name: 'Dorothy' }, actor);
    const admin = await openBrowser(rig);
    await admin.signIn();
    await browser.rpc('session.end-others');
    expect((await heard).value.data.changes).toEqual([{ area: 'user', ids: [id] }]);
    await stream.return(undefined);
  });

  test('end at once with the session', async () => {
    await (await fresh()).signIn();
    const stream = browser.events(await cursor());
    const ended = (async () => {
      for await (const _ of stream);
    })();
    const other = await openBrowser(rig);
    await other.signIn();
    await other.rpc('session.end-others');
    await ended;
    expect((await browser.get('/api/events')).status).toBe(401);
  });
});
