import { randomBytes } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { procedures, type WebSessionView } from '../../../src-preload/contract/index.ts';
import { limits } from '../../base/limits.ts';
import { actor, adminPassword, createRig, type Rig } from '../testing/rig.ts';
import { type Ceremony, createAuthenticator } from '../web/testing/authenticator.ts';
import { openBrowser, type TestBrowser } from '../web/testing/browser.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
}, 60_000);
afterAll(() => rig.close());

const allRows = procedures['admin.audit.list'].input.parse({ limit: 1000 });
const newAdmin = async (role: 'owner' | 'operator' | 'auditor') => {
  const name = `${role}-${randomBytes(4).toString('hex')}`;
  const { password } = await rig.coordinator.handlers['admin.admin.add']({ name, role }, actor);
  return { name, password };
};
/** Signed in, with a password of their own. */
async function openAs(role: 'owner' | 'operator' | 'auditor', host?: string) {
  const { name, password: given } = await newAdmin(role);
  const browser = await openBrowser(rig, host);
  await browser.signIn(name, given);
  const password = randomBytes(12).toString('hex');
  expect((await browser.rpc('account.set-password', { password })).status).toBe(200);
  return { name, password, browser };
}
const confirmTotp = async (browser: TestBrowser) => {
  const { secret } = (await browser.rpc<{ secret: string; uri: string }>('account.totp-begin')).value;
  const authenticator = new TOTP({ secret: Secret.fromBase32(secret) });
  const code = () => authenticator.generate({ timestamp: rig.clock.now() });
  const { value } = await browser.rpc<{ recoveryCodes: string[] }>('account.totp-confirm', { code: code() });
  return { code, recoveryCodes: value.recoveryCodes, secret };
};
const laterCode = () => rig.clock.advance(30_000);

describe('an administrator', () => {
  test('given a password by another one changes it first, and can do nothing else before', async () => {
    const { name, password } = await newAdmin('owner');
    const browser = await openBrowser(rig);
    expect((await browser.signIn(name, password)).as).toMatchObject({ mustChangePassword: true });
    for (const procedure of ['admin.user.list', 'account.totp-begin', 'console.start'])
      expect((await browser.rpc(procedure)).code, procedure).toBe('password-change-required');
    for (const unfit of ['short', password])
      expect((await browser.rpc('account.set-password', { password: unfit })).code).toBe('input-invalid');
    await browser.rpc('account.set-password', { password: 'correct horse battery' });
    expect((await browser.rpc('admin.user.list')).status).toBe(200);
    await expect((await openBrowser(rig)).signIn(name, password)).rejects.toThrow('sign-in-refused');
  });

  test('may do what the role says', async () => {
    const tries = {
      'admin.user.list': {},
      'admin.user.add': { name: `u ${randomBytes(4).toString('hex')}` },
      'admin.key.rotate': {},
      'admin.admin.add': { name: `a${randomBytes(4).toString('hex')}`, role: 'auditor' }
    };
    for (const [role, allowed] of [
      ['auditor', 1],
      ['operator', 3],
      ['owner', 4]
    ] as const) {
      const { browser } = await openAs(role);
      const answers = await Promise.all(Object.entries(tries).map(([name, input]) => browser.rpc(name, input)));
      expect(
        answers.filter(({ code }) => code !== 'not-allowed'),
        role
      ).toHaveLength(allowed);
    }
  });

  test('proves again who is there before what is dangerous', async () => {
    const { browser, password } = await openAs('owner');
    rig.clock.advance(limits.webProofSeconds * 1000 + 1);
    for (const procedure of ['admin.key.rotate', 'account.totp-begin', 'account.recovery-codes'])
      expect((await browser.rpc(procedure)).code, procedure).toBe('confirmation-required');
    expect((await browser.rpc('admin.user.list')).status).toBe(200);
    expect((await browser.rpc('session.confirm', { password: 'guess' })).code).toBe('sign-in-refused');
    expect((await browser.rpc('admin.key.rotate')).code).toBe('confirmation-required');
    await browser.rpc('session.confirm', { password });
    expect((await browser.rpc('admin.key.rotate')).status).toBe(200);
  });

  test('who is removed, reset or given another role is so at once; an owner remains', async () => {
    const handlers = rig.coordinator.handlers;
    const operator = await openAs('operator');
    await handlers['admin.admin.set-role']({ name: operator.name, role: 'auditor' }, actor);
    expect((await operator.browser.rpc('admin.user.add', { name: 'Nobody' })).code).toBe('not-allowed');
    await handlers['admin.admin.reset']({ name: operator.name }, actor);
    expect((await operator.browser.rpc('admin.user.list')).code).toBe('session-expired');

    const owner = await openAs('owner');
    const made = await owner.browser.rpc<{ id: string }>('admin.api-token.create', { name: 'ci', scopes: ['*:read'] });
    await handlers['admin.admin.remove']({ name: owner.name }, actor);
    expect((await owner.browser.rpc('admin.user.list')).code).toBe('session-expired');
    expect((await handlers['admin.api-token.list']({}, actor)).map(({ id }) => id)).not.toContain(made.value.id);

    for (const { name, role } of await handlers['admin.admin.list']({}, actor))
      if (role === 'owner' && name !== 'admin') await handlers['admin.admin.remove']({ name }, actor);
    for (const last of [
      handlers['admin.admin.remove']({ name: 'admin' }, actor),
      handlers['admin.admin.set-role']({ name: 'admin', role: 'auditor' }, actor)
    ])
      await expect(last).rejects.toMatchObject({ code: 'conflict' });
  });

  test('wrong passwords of a stranger elsewhere do not keep the right one out', async () => {
    const { name, password } = await openAs('operator');
    const guess = () => signInFrom(name, 'guess');
    for (let i = 0; i < limits.pinTries; i += 1) expect(await guess()).toBe('sign-in-refused');
    // From this address it is over, with the right password too.
    expect(await signInFrom(name, password)).toBe('sign-in-locked');
    // Loopback has many addresses.
    expect(await signInFrom(name, password, '127.0.0.2')).toBeUndefined();
    rig.clock.advance(limits.pinLockSeconds * 1000 + 1);
    expect(await signInFrom(name, password)).toBeUndefined();
  });

  const signInFrom = async (name: string, password: string, localAddress?: string) => {
    const browser = await openBrowser(rig, '127.0.0.1', localAddress);
    return (await browser.rpc('session.sign-in', { name, password })).code;
  };
});

describe('an authenticator', () => {
  test('is asked for from then on; no code counts twice; a wrong one locks', async () => {
    const { name, password, browser } = await openAs('operator');
    expect((await browser.rpc('account.totp-confirm', { code: '123456' })).code).toBe('conflict');
    const { code, recoveryCodes } = await confirmTotp(browser);
    expect(new Set(recoveryCodes).size).toBe(10);

    const signIn = async (given?: string) =>
      (await (await openBrowser(rig)).rpc('session.sign-in', { name, password, code: given })).code;
    expect(await signIn()).toBe('second-factor-required');
    // The code that confirmed it was seen already.
    expect(await signIn(code())).toBe('sign-in-refused');
    laterCode();
    expect(await signIn(code())).toBeUndefined();
    expect(await signIn(code())).toBe('sign-in-refused');
    const [recovery = ''] = recoveryCodes;
    expect(await signIn(recovery.toLowerCase())).toBeUndefined();
    expect(await signIn(recovery)).toBe('sign-in-refused');
    for (let i = 0; i < limits.pinTries; i += 1) await signIn('000000');
    laterCode();
    expect(await signIn(code())).toBe('sign-in-locked');
    // The password alone does not start the count again.
    expect(await signIn()).toBe('second-factor-required');
    expect(await signIn(code())).toBe('sign-in-locked');
  });

  test('its secret and the recovery codes lie nowhere in the clear', async () => {
    const { browser } = await openAs('operator');
    const { secret, recoveryCodes } = await confirmTotp(browser);
    for (const name of ['coordinator.db', 'coordinator.db-wal']) {
      const bytes = await readFile(join(rig.dataDir, name));
      expect(bytes.includes(Buffer.from(Secret.fromBase32(secret).buffer))).toBe(false);
      for (const text of [secret, ...recoveryCodes]) expect(bytes.includes(text)).toBe(false);
    }
  });

  test('the first password’s file goes when its administrator has another', async () => {
    const file = rig.coordinator.adminPasswordFile;
    const browser = await openBrowser(rig);
    await browser.signIn('admin', await adminPassword(rig));
    await browser.rpc('account.set-password', { password: 'correct horse battery' });
    await expect(access(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a passkey', () => {
  const host = 'localhost';
  const origin = () => `https://${host}:${new URL(rig.coordinator.webUrl).port}`;
  const challenge = async (browser: TestBrowser, procedure = 'session.passkey-begin') =>
    (await browser.rpc<Ceremony>(procedure)).value;
  async function withPasskey() {
    const owner = await openAs('owner', host);
    const authenticator = createAuthenticator({ origin: origin(), host, verified: true });
    const response = authenticator.create(await challenge(owner.browser, 'account.passkey-begin'));
    const added = await owner.browser.rpc('account.passkey-add', { name: 'laptop', response });
    expect(added.value).toMatchObject({ name: 'laptop', host });
    return { ...owner, authenticator };
  }

  test('signs in alone, and a password then needs more', async () => {
    const { name, password, authenticator } = await withPasskey();
    const browser = await openBrowser(rig, host);
    authenticator.counter += 1;
    const response = authenticator.get(await challenge(browser));
    const { value } = await browser.rpc<WebSessionView>('session.passkey-sign-in', { response });
    expect(value.as).toMatchObject({ name, secondFactor: { passkeys: 1 } });
    expect((await browser.rpc('admin.user.list')).status).toBe(200);
    await expect((await openBrowser(rig)).signIn(name, password)).rejects.toThrow('second-factor-required');

    rig.clock.advance(limits.webProofSeconds * 1000 + 1);
    authenticator.counter += 1;
    const confirmed = authenticator.get(await challenge(browser));
    expect((await browser.rpc('session.confirm', { response: confirmed })).status).toBe(200);
    expect((await browser.rpc('admin.key.rotate')).status).toBe(200);
  });

  test('is refused when anything about it is not right', async () => {
    const { authenticator, browser: signedIn } = await withPasskey();
    const browser = await openBrowser(rig, host);
    const send = async (response: object) => (await browser.rpc('session.passkey-sign-in', { response })).code;
    const next = async (change?: Parameters<typeof authenticator.get>[1]) => {
      authenticator.counter += 1;
      return authenticator.get(await challenge(browser), change);
    };
    expect(await send(await next({ origin: 'https://evil.example' }))).toBe('sign-in-refused');
    expect(await send(await next({ host: 'evil.example' }))).toBe('sign-in-refused');
    expect(await send(await next({ verified: false }))).toBe('sign-in-refused');
    const late = await next();
    rig.clock.advance(limits.ceremonySeconds * 1000 + 1);
    expect(await send(late)).toBe('sign-in-refused');
    // A challenge that another session asked for is of no use here.
    authenticator.counter += 1;
    expect(await send(authenticator.get(await challenge(signedIn)))).toBe('sign-in-refused');
    const invented = randomBytes(32).toString('base64url');
    expect(await send(authenticator.get({ challenge: invented }))).toBe('sign-in-refused');
    const stranger = createAuthenticator({ origin: origin(), host, verified: true });
    expect(await send(stranger.get(await challenge(browser)))).toBe('sign-in-refused');

    const good = await next();
    expect(await send(good)).toBeUndefined();
    // The same answer again, and a copy of the authenticator that is behind.
    browser.cookie = '';
    browser.csrf = '';
    expect(await send(good)).toBe('sign-in-refused');
    authenticator.counter -= 1;
    expect(await send(authenticator.get(await challenge(browser)))).toBe('sign-in-refused');
  });

  test('belongs to a host name, never to an address', async () => {
    const browser = await openBrowser(rig);
    expect((await browser.rpc<{ passkeys: boolean }>('session.get')).value.passkeys).toBe(false);
    expect((await browser.rpc('session.passkey-begin')).code).toBe('conflict');
  });
});

describe('an API token', () => {
  const bearer = (token: string) => ({
    authorization: `Bearer ${token}`,
    origin: undefined,
    'sec-fetch-site': undefined
  });
  const create = (scopes: string[], days = 1) =>
    rig.coordinator.handlers['admin.api-token.create']({ name: 'script', scopes, days }, actor);

  test('may do what its scopes say, and never what only people may', async () => {
    const program = await openBrowser(rig);
    const { token, id } = await create(['user:manage', 'printer:read', 'key:dangerous']);
    expect(token).toMatch(/^llt_[\w-]{43}$/);
    const code = async (procedure: string, input: object = {}) =>
      (await program.rpc(procedure, input, bearer(token))).code;
    expect(await code('admin.user.add', { name: 'By a program' })).toBeUndefined();
    expect(await code('admin.user.list')).toBeUndefined();
    expect(await code('admin.printer.list')).toBeUndefined();
    expect(await code('admin.key.rotate')).toBeUndefined();
    for (const name of [
      'admin.job.list',
      'admin.policy.set',
      'admin.admin.list',
      'admin.api-token.create',
      'account.set-password',
      'console.start',
      'session.list'
    ])
      expect(await code(name), name).toBe('not-allowed');
    const rows = await rig.coordinator.handlers['admin.audit.list'](allRows, actor);
    expect(rows.filter((row) => row.actor === `token:${id}`).map(({ action }) => action)).toEqual([
      'user.added',
      'key.created'
    ]);
  });

  test('ends with its days or when it is revoked; only its hash is kept', async () => {
    const program = await openBrowser(rig);
    const { token, id } = await create(['*:read']);
    const code = async () => (await program.rpc('admin.device.list', {}, bearer(token))).code;
    expect(await code()).toBeUndefined();
    for (const name of ['coordinator.db', 'coordinator.db-wal'])
      expect((await readFile(join(rig.dataDir, name))).includes(token)).toBe(false);
    await rig.coordinator.handlers['admin.api-token.revoke']({ id }, actor);
    expect(await code()).toBe('session-expired');
    for (const wrong of ['llt_', token.slice(0, -1), `${token}x`, 'x'.repeat(47)])
      expect((await program.rpc('admin.device.list', {}, bearer(wrong))).code).toBe('session-expired');

    const short = await create(['device:read'], 0.5);
    rig.clock.advance(43_200_001);
    expect((await program.rpc('admin.device.list', {}, bearer(short.token))).code).toBe('session-expired');
    await expect(create(['no-such-area:read'])).rejects.toMatchObject({ code: 'input-invalid' });
  });
});
