import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { procedures, UserGroupId, UserId } from '../../../src-preload/contract/index.ts';
import { Session } from '../../protocol/device-api.ts';
import { actor, createRig, type Rig, type TestDevice } from '../testing/rig.ts';
import { openBrowser } from '../web/testing/browser.ts';
import { matches, parseFilter } from './filter.ts';
import { urn } from './messages.ts';

let rig: Rig;
let station: TestDevice;
let token: string;
let authority: string;

const handlers = () => rig.coordinator.handlers;
const newToken = async (...scopes: string[]) =>
  (await handlers()['admin.api-token.create']({ name: 'directory', scopes, days: 1 }, actor)).token;

beforeAll(async () => {
  rig = await createRig();
  authority = await readFile(join(rig.dataDir, 'authority.pem'), 'utf8');
  station = await rig.pair('station', ['station']);
  token = await newToken('scim:manage');
}, 60_000);
afterAll(() => rig?.close());

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: whatever comes is what is looked at
  readonly body: any;
}
async function scim(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {}
): Promise<Answer> {
  const sent = request(`${rig.coordinator.webUrl}/scim/v2${path}`, {
    method,
    ca: authority,
    agent: false,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json', ...headers }
  });
  const answered = once(sent, 'response');
  sent.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  const [response] = (await answered) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}
const patch = (path: string, ...Operations: object[]) => scim('PATCH', path, { schemas: [urn.patch], Operations });
/** RFC 7644, section 3.3, with what other directories add to it. */
const bjensen = {
  schemas: [urn.user, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
  userName: 'bjensen@example.com',
  externalId: 'bjensen',
  name: { formatted: 'Ms. Barbara J Jensen III', familyName: 'Jensen', givenName: 'Barbara' },
  emails: [
    { value: 'babs@jensen.org', type: 'home' },
    { value: 'BJensen@example.com', type: 'work', primary: true }
  ],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Tour Operations' }
};

describe('who may call', () => {
  test('a token for this and nothing else', async () => {
    const others = ['', 'Bearer nonsense', `Basic ${token}`, `Bearer ${await newToken('*:dangerous')}`];
    others.push(`Bearer ${await newToken('scim:read')}`, `Bearer ${await newToken('scim:manage', 'user:read')}`);
    for (const authorization of others) {
      const answer = await scim('GET', '/Users', undefined, { authorization });
      expect([401, 403], authorization.slice(0, 12)).toContain(answer.status);
      expect(answer.body).toMatchObject({ schemas: [urn.error], status: String(answer.status) });
    }
    const browser = await openBrowser(rig);
    await browser.signIn();
    expect((await browser.get('/scim/v2/Users')).status).toBe(401);
    expect(
      (await browser.get('/api/rpc/admin.user.list', { authorization: `Bearer ${token}`, cookie: '' })).status
    ).toBe(403);
  });

  test('nothing is read before that is known, and not everything afterwards', async () => {
    const large = JSON.stringify({ x: 'x'.repeat(3 << 20) });
    expect((await scim('POST', '/Users', large).catch(() => ({ status: 413 }))).status).toBe(413);
    expect((await scim('POST', '/Users', '{"userName"')).body).toMatchObject({
      status: '400',
      scimType: 'invalidSyntax'
    });
    expect((await scim('POST', '/Users', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(
      415
    );
    expect((await scim('GET', '/Nothing')).status).toBe(404);
  });
});

test('says what it can do', async () => {
  expect((await scim('GET', '/ServiceProviderConfig')).body).toMatchObject({
    patch: { supported: true },
    bulk: { supported: false },
    etag: { supported: true }
  });
  expect((await scim('GET', '/ResourceTypes')).body).toMatchObject({
    totalResults: 2,
    Resources: [{ id: 'User' }, { id: 'Group' }]
  });
  expect((await scim('GET', `/Schemas/${urn.user}`)).body).toMatchObject({ id: urn.user, name: 'User' });
});

describe('the life of a user, as in RFC 7644', () => {
  let id: string;
  let location: string;
  let etag: string;

  test('3.3 is created, once', async () => {
    const made = await scim('POST', '/Users', bjensen);
    expect(made.status).toBe(201);
    expect(made.headers['content-type']).toContain('application/scim+json');
    expect(made.body).toMatchObject({
      schemas: [urn.user],
      userName: 'bjensen@example.com',
      externalId: 'bjensen',
      active: true,
      emails: [{ value: 'bjensen@example.com', primary: true }],
      meta: { resourceType: 'User' }
    });
    ({ id } = made.body);
    location = made.body.meta.location;
    etag = String(made.headers.etag);
    expect(made.headers.location).toBe(location);
    for (const again of [bjensen, { userName: 'BJENSEN@example.com' }, { userName: 'x', externalId: 'bjensen' }])
      expect((await scim('POST', '/Users', again)).body).toMatchObject({ status: '409', scimType: 'uniqueness' });
    expect((await scim('POST', '/Users', { externalId: 'x' })).body).toMatchObject({
      status: '400',
      scimType: 'invalidValue'
    });
  });

  test('3.4 is read, found, and not sent twice', async () => {
    expect((await scim('GET', `/Users/${id}`)).body).toMatchObject({ id, meta: { version: etag } });
    expect((await scim('GET', `/Users/${id}`, undefined, { 'if-none-match': etag })).status).toBe(304);
    for (const unknown of ['2819c223-7f76-453a-919d-413861904646', 'x', '__proto__'])
      expect((await scim('GET', `/Users/${unknown}`)).status).toBe(404);
    const found = async (filter: string) => (await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body;
    for (const filter of [
      'userName eq "BJensen@example.com"',
      'externalId eq "bjensen"',
      'active eq true and externalid eq "bjensen"',
      '(userName eq "nobody" or externalId Eq "bjensen") and active eq True'
    ])
      expect(await found(filter), filter).toMatchObject({ totalResults: 1, Resources: [{ id }] });
    expect(await found('externalId eq "BJENSEN"')).toMatchObject({ totalResults: 0, Resources: [] });
    for (const filter of [
      'userName sw "b"',
      'password eq "x"',
      'userName eq',
      'userName eq "x" and',
      '(userName eq "x"',
      `${'('.repeat(2000)}`
    ])
      expect(await found(filter), filter).toMatchObject({ status: '400', scimType: 'invalidFilter' });
  });

  test('3.4.2.4 pages, and 3.9 parts', async () => {
    for (let i = 0; i < 5; i += 1) await scim('POST', '/Users', { userName: `page${i}` });
    const page = async (query: string) => (await scim('GET', `/Users?${query}`)).body;
    const all = await page('');
    expect(all.totalResults).toBeGreaterThanOrEqual(6);
    const two = await page('startIndex=2&count=2');
    expect(two).toMatchObject({ totalResults: all.totalResults, startIndex: 2, itemsPerPage: 2 });
    expect(two.Resources).toEqual(all.Resources.slice(1, 3));
    expect((await page('startIndex=-3&count=-1')).Resources).toEqual([]);
    expect((await page('startIndex=1000')).Resources).toEqual([]);
    expect((await page('count=x')).status).toBe('400');
    expect(Object.keys((await page('attributes=userName&count=1')).Resources[0]).sort()).toEqual([
      'id',
      'meta',
      'schemas',
      'userName'
    ]);
    expect((await page('excludedAttributes=groups&count=1')).Resources[0].groups).toBeUndefined();
  });

  test('3.5.1 is replaced, if it is still the one that was seen', async () => {
    const wanted = { ...bjensen, id, userName: 'barbara', emails: [] };
    expect((await scim('PUT', `/Users/${id}`, wanted, { 'if-match': 'W/"other"' })).status).toBe(412);
    const answer = await scim('PUT', `/Users/${id}`, wanted, { 'if-match': etag });
    expect(answer.body).toMatchObject({ id, userName: 'barbara' });
    expect(answer.body.emails).toBeUndefined();
    expect(answer.headers.etag).not.toBe(etag);
    expect((await scim('PUT', `/Users/${id}`, { ...wanted, userName: 'PAGE0' })).body).toMatchObject({ status: '409' });
  });

  test('3.5.2 is patched, in the words of several directories', async () => {
    const path = `/Users/${id}`;
    const cases: [object, object][] = [
      [{ op: 'replace', path: 'userName', value: 'babs' }, { userName: 'babs' }],
      [{ op: 'Replace', path: 'active', value: 'False' }, { active: false }],
      [
        { op: 'replace', value: { active: true, [`${urn.user}:userName`]: 'babs2' } },
        { active: true, userName: 'babs2' }
      ],
      [
        { op: 'Add', path: 'emails[type eq "work"].value', value: 'b@example.com' },
        { emails: [{ value: 'b@example.com' }] }
      ],
      [
        { op: 'replace', path: 'emails[type eq "work"]', value: { value: 'c@example.com' } },
        { emails: [{ value: 'c@example.com' }] }
      ],
      [{ op: 'add', path: 'name.givenName', value: 'Babs' }, { userName: 'babs2' }],
      [{ op: 'remove', path: 'externalId' }, { userName: 'babs2' }]
    ];
    for (const [operation, expected] of cases) {
      const { status, body } = await patch(path, operation);
      expect(status, JSON.stringify(operation)).toBe(200);
      expect(body).toMatchObject(expected);
    }
    expect((await scim('GET', path)).body.externalId).toBeUndefined();
    const refusals: [object, string][] = [
      [{ op: 'remove' }, 'noTarget'],
      [{ op: 'replace', path: 'id', value: 'x' }, 'mutability'],
      [{ op: 'replace', path: 'groups', value: [{ value: 'x' }] }, 'mutability'],
      [{ op: 'add', path: '__proto__.x', value: 1 }, 'invalidPath'],
      [{ op: 'replace', path: 'a b', value: 1 }, 'invalidPath'],
      [{ op: 'move', path: 'userName', value: 'x' }, 'invalidValue'],
      [{ op: 'remove', path: 'userName' }, 'invalidValue'],
      [{ op: 'replace', path: 'active', value: 'perhaps' }, 'invalidValue']
    ];
    for (const [operation, scimType] of refusals)
      expect((await patch(path, operation)).body, JSON.stringify(operation)).toMatchObject({ status: '400', scimType });
  });

  test('switched off, somebody is out everywhere at once', async () => {
    const user = UserId.parse(id);
    await handlers()['admin.user.set-pin']({ id: user, pin: '271828' }, actor);
    const { session } = await station.organization.call('/v1/sessions', { user: 'babs2', pin: '271828' }, Session);
    const browser = await openBrowser(rig);
    await browser.rpc('session.user-sign-in', { user: 'babs2', pin: '271828' });
    await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false });
    await expect(station.organization.call('/v1/sessions/jobs', { session }, Session)).rejects.toMatchObject({
      code: 'session-expired'
    });
    expect((await browser.rpc('session.stay')).code).toBe('session-expired');
    await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: true });
    expect((await browser.rpc('session.stay')).code).toBe('session-expired'); // it does not come back to life
    browser.cookie = '';
    expect((await browser.rpc('session.user-sign-in', { user: 'babs2', pin: '271828' })).status).toBe(200);
  });

  test('3.6 is deleted, and a successor of the same name is somebody else', async () => {
    expect((await scim('DELETE', `/Users/${id}`, undefined, { 'if-match': 'W/"other"' })).status).toBe(412);
    expect((await scim('DELETE', `/Users/${id}`)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await scim(method, `/Users/${id}`)).status).toBe(404);
    expect((await scim('POST', '/Users', { userName: 'babs2' })).body.id).not.toBe(id);
    const filter = procedures['admin.audit.list'].input.parse({ subject: id, limit: 1000 });
    const rows = await handlers()['admin.audit.list'](filter, actor);
    expect(rows.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['user.added', 'user.renamed', 'user.suspended', 'user.resumed', 'user.removed'])
    );
    expect(
      new Set(rows.filter(({ action }) => action === 'user.removed').map((row) => row.actor.split(':')[0]))
    ).toEqual(new Set(['token']));
  });
});

describe('groups', () => {
  test('have members, who know of them', async () => {
    const people = await Promise.all(
      ['ann', 'ben', 'cy'].map(async (userName) => (await scim('POST', '/Users', { userName })).body.id as string)
    );
    const [ann, ben, cy] = people;
    const made = await scim('POST', '/Groups', {
      displayName: 'Tour Guides',
      externalId: 'g1',
      members: [{ value: ann }]
    });
    expect(made.status).toBe(201);
    const path = `/Groups/${made.body.id}`;
    const members = async () =>
      ((await scim('GET', path)).body.members as { value: string }[]).map(({ value }) => value).sort();
    expect((await scim('POST', '/Groups', { displayName: 'tour guides' })).status).toBe(409);

    await patch(path, { op: 'add', path: 'members', value: [{ value: ben }, { value: ann }] });
    await patch(path, { op: 'add', value: { members: [{ value: cy }] } });
    expect(await members()).toEqual([...people].sort());
    await patch(path, { op: 'remove', path: `members[value eq "${ann}"]` });
    await patch(path, { op: 'Remove', path: 'members', value: [{ value: ben }] });
    expect(await members()).toEqual([cy]);
    expect((await scim('GET', `/Users/${cy}`)).body.groups).toMatchObject([{ display: 'Tour Guides' }]);
    expect((await patch(path, { op: 'add', path: 'members', value: [{ value: 'nobody' }] })).body).toMatchObject({
      scimType: 'invalidValue'
    });
    expect((await scim('GET', `${path}?excludedAttributes=members`)).body.members).toBeUndefined();
    const filter = encodeURIComponent('displayName eq "TOUR guides"');
    expect((await scim('GET', `/Groups?filter=${filter}`)).body).toMatchObject({ totalResults: 1 });

    await scim('DELETE', `/Users/${cy}`);
    expect(await members()).toEqual([]);
    expect((await patch(path, { op: 'replace', path: 'displayName', value: 'Guides' })).body).toMatchObject({
      displayName: 'Guides'
    });
    expect((await scim('DELETE', path)).status).toBe(204);
    expect((await scim('GET', path)).status).toBe(404);
  });

  test('that are the directory’s are not changed here, and ours not there', async () => {
    const theirs = UserGroupId.parse((await scim('POST', '/Groups', { displayName: 'Staff' })).body.id);
    const all = await handlers()['admin.group.list']({}, actor);
    expect(all).toMatchObject([{ id: theirs, source: 'directory' }]);
    const notOurs = expect.objectContaining({ code: 'not-allowed' });
    const empty = { id: theirs, members: [] };
    await expect(handlers()['admin.group.set-members'](empty, actor)).rejects.toEqual(notOurs);
    await expect(handlers()['admin.group.remove']({ id: theirs }, actor)).rejects.toEqual(notOurs);

    const ours = await handlers()['admin.group.add']({ name: 'Lab' }, actor);
    for (const method of ['GET', 'DELETE']) expect((await scim(method, `/Groups/${ours.id}`)).status).toBe(404);
    expect((await scim('GET', '/Groups')).body).toMatchObject({ totalResults: 1 });
    expect((await scim('POST', '/Groups', { displayName: 'lab' })).status).toBe(409);
  });
});

test('filters bind as the RFC says: and before or, brackets before both', () => {
  const on = (text: string, of: object) => matches(parseFilter(text, ['a', 'b', 'c']), (name) => of[name as never]);
  const one = { a: 'x', b: false, c: 'say "hi"' };
  expect(on('a eq "x" or a eq "y" and b eq true', one)).toBe(true);
  expect(on('(a eq "x" or a eq "y") and b eq true', one)).toBe(false);
  expect(on('c eq "SAY \\"HI\\""', one)).toBe(true);
  expect(on('a eq null', {})).toBe(true);
});
