import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callControl } from '../../src-main/app/control-client.ts';
import { startControlServer } from '../../src-main/app/control-server.ts';
import { createDispatch } from '../../src-main/app/dispatch.ts';
import { createEventBus } from '../../src-main/app/events.ts';
import { limits } from '../../src-main/base/limits.ts';
import { silentLogger } from '../../src-main/base/logger.ts';
import { actor, createRig, type Rig } from '../../src-main/coordinator/testing/rig.ts';
import { openBrowser, type TestBrowser } from '../../src-main/coordinator/web/testing/browser.ts';
import { openOperations } from '../../src-main/ipp/access.ts';
import { type OperationName, operations } from '../../src-main/ipp/registry.ts';
import { ippRequest, post } from '../../src-main/ipp/testing/print-client.ts';
import { routeCall } from '../../src-main/shell/route-call.ts';
import { type Caller, callers, type Procedure, procedures } from '../../src-preload/contract/index.ts';
import { startTestPrinter } from '../support/test-printer.ts';

/** Every procedure over every channel, and every operation of the printer, by everybody who may not. */
interface Access {
  readonly callers: readonly Caller[];
  readonly scope?: string;
  readonly fresh?: true;
  readonly safe?: true;
}
const all = Object.entries(procedures) as [Procedure, Access][];
const where = (holds: (access: Access, name: Procedure) => unknown) =>
  all.filter(([name, access]) => holds(access, name)).map(([name]) => name);
const onWeb = where(({ callers: who }) => who.some((caller) => ['admin', 'user', 'visitor'].includes(caller)));
const forAdmins = where((access) => access.callers.includes('admin'));

describe('the web listener refuses', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await createRig();
    await rig.coordinator.handlers['admin.user.add']({ name: 'Anna', pin: '314159' }, actor);
  }, 60_000);
  afterAll(() => rig.close());

  const open = () => openBrowser(rig);
  async function openAs(role: 'owner' | 'operator' | 'auditor', { temporary = false } = {}): Promise<TestBrowser> {
    const name = `${role}-${randomBytes(4).toString('hex')}`;
    const { password } = await rig.coordinator.handlers['admin.admin.add']({ name, role }, actor);
    const browser = await open();
    await browser.signIn(name, password);
    if (!temporary) await browser.rpc('account.set-password', { password: randomBytes(12).toString('hex') });
    return browser;
  }
  /** What each of them answers, where that is not `expected`. */
  async function others(
    names: readonly Procedure[],
    expected: string,
    ask: (name: Procedure) => Promise<string | undefined>
  ) {
    expect(names).not.toHaveLength(0);
    const wrong: string[] = [];
    for (const name of names) {
      const got = (await ask(name)) ?? 'answered';
      if (got !== expected) wrong.push(`${name}: ${got}`);
    }
    return wrong;
  }
  const codeOf = (browser: TestBrowser, headers?: Record<string, string>) => async (name: Procedure) =>
    (await browser.rpc(name, {}, headers)).code;

  it('visitors', async () => {
    const names = onWeb.filter((name) => !(all.find(([one]) => one === name)?.[1].callers ?? []).includes('visitor'));
    expect(await others(names, 'session-expired', codeOf(await open()))).toEqual([]);
  });
  it('everybody who asks for what only windows and the control socket have', async () => {
    const elsewhere = where((_, name) => !onWeb.includes(name));
    expect(await others(elsewhere, 'session-expired', codeOf(await open()))).toEqual([]);
    expect(await others(elsewhere, 'not-found', codeOf(await openAs('owner')))).toEqual([]);
  });
  it('users who ask for what is an administrator’s', async () => {
    const browser = await open();
    expect((await browser.rpc('session.user-sign-in', { user: 'Anna', pin: '314159' })).code).toBeUndefined();
    const names = where(({ callers: who }) => who.includes('admin') && !who.includes('user'));
    expect(await others(names, 'not-allowed', codeOf(browser))).toEqual([]);
  });
  it('administrators who ask for what is a user’s', async () => {
    const names = where(({ callers: who }) => who.includes('user') && !who.includes('admin'));
    expect(await others(names, 'not-allowed', codeOf(await openAs('owner')))).toEqual([]);
  });
  it('administrators without the right', async () => {
    const beyondReading = where(({ scope }) => scope !== undefined && scope !== 'read');
    expect(await others(beyondReading, 'not-allowed', codeOf(await openAs('auditor')))).toEqual([]);
    const ownersOnly = where(({ scope }) => scope === 'owner');
    expect(await others(ownersOnly, 'not-allowed', codeOf(await openAs('operator')))).toEqual([]);
  });
  it('administrators with a password that somebody else knows', async () => {
    const names = forAdmins.filter((name) => !name.startsWith('session.') && name !== 'account.set-password');
    const browser = await openAs('owner', { temporary: true });
    expect(await others(names, 'password-change-required', codeOf(browser))).toEqual([]);
  });
  it('administrators whose proof of who they are is old', async () => {
    const browser = await openAs('owner');
    rig.clock.advance(limits.webProofSeconds * 1000 + 1000);
    expect(
      await others(
        where(({ fresh }) => fresh),
        'confirmation-required',
        codeOf(browser)
      )
    ).toEqual([]);
  });
  it('pages of other sites, which drag the cookie along', async () => {
    const browser = await openAs('owner');
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect(await others(onWeb, 'not-allowed', codeOf(browser, foreign))).toEqual([]);
    expect(await others(forAdmins, 'not-allowed', codeOf(browser, { 'x-letterlock-csrf': 'guess' }))).toEqual([]);
  });
  it('a GET for what has an effect', async () => {
    const browser = await openAs('owner');
    const names = where(({ safe, callers: who }) => !safe && who.includes('admin'));
    const ask = async (name: Procedure) => JSON.parse(String((await browser.get(`/api/rpc/${name}`)).body)).code;
    expect(await others(names, 'not-found', ask)).toEqual([]);
  });
  it('sessions that are over', async () => {
    const [ended, idle] = [await openAs('owner'), await openAs('owner')];
    const kept = { csrf: ended.csrf, cookie: ended.cookie };
    await ended.rpc('session.sign-out');
    Object.assign(ended, kept);
    rig.clock.advance(limits.webSessionIdleSeconds * 1000 + 1000);
    const names = onWeb.filter((name) => !(all.find(([one]) => one === name)?.[1].callers ?? []).includes('visitor'));
    expect(await others(names, 'session-expired', codeOf(ended))).toEqual([]);
    expect(await others(names, 'session-expired', codeOf(idle))).toEqual([]);
  });
  it('tokens: made up, over, of another area, of a lower right', async () => {
    const token = (scopes: string[], days = 1) =>
      rig.coordinator.handlers['admin.api-token.create']({ name: 'test', scopes, days }, actor);
    const bearer = (text: string) => async (name: Procedure) =>
      (await (await open()).rpc(name, {}, { authorization: `Bearer ${text}` })).code;

    const spent = await token(['*:dangerous']);
    await rig.coordinator.handlers['admin.api-token.revoke']({ id: spent.id }, actor);
    expect(await others(onWeb, 'session-expired', bearer(spent.token))).toEqual([]);
    expect(await others(onWeb, 'session-expired', bearer(`llt_${'A'.repeat(43)}`))).toEqual([]);
    const short = await token(['*:dangerous'], 1);
    rig.clock.advance(25 * 3600 * 1000);
    expect(await others(onWeb, 'session-expired', bearer(short.token))).toEqual([]);

    const reader = await token(['*:read']);
    const beyond = where(
      ({ scope, callers: who }) => who.includes('admin') && scope !== 'read' && !who.includes('visitor')
    );
    expect(await others(beyond, 'not-allowed', bearer(reader.token))).toEqual([]);
    const printers = await token(['printer:dangerous']);
    const elsewhere = forAdmins.filter((name) => !name.startsWith('admin.printer.') && !name.startsWith('session.'));
    expect(await others(elsewhere, 'not-allowed', bearer(printers.token))).toEqual([]);
    const most = await token(['*:dangerous']);
    expect(
      await others(
        where(({ scope }) => scope === 'owner'),
        'not-allowed',
        bearer(most.token)
      )
    ).toEqual([]);
  });
});

describe('a window, the engine and the control socket refuse', () => {
  const unreached = createDispatch({}, silentLogger);

  it.each(callers)('%s: what is not for that caller', async (caller) => {
    const mine = { engine: { call: unreached as never }, logger: silentLogger };
    for (const name of where(({ callers: who }) => !who.includes(caller))) {
      expect(await unreached(caller, name, {}), name).toMatchObject({ code: 'not-allowed' });
      expect(await routeCall(caller, name, {}, mine), name).toMatchObject({ code: 'not-allowed' });
    }
  });

  it('programs on the control socket: what is a window’s or a browser’s, and what this role does not serve', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'letterlock-verify-'));
    const { close } = await startControlServer(folder, unreached, createEventBus());
    for (const [name, access] of all) {
      const code = access.callers.includes('local') ? 'not-found' : 'not-allowed';
      await expect(callControl(folder, name, {} as never), name).rejects.toMatchObject({ code });
    }
    await close();
    await rm(folder, { recursive: true });
  });
});

it('a printer refuses every operation to who is not admitted, but for the one that is open', async () => {
  const nobody = { authentication: 'basic', admit: async () => null } as const;
  const printer = await startTestPrinter({ access: nobody });
  const closed = (Object.keys(operations) as OperationName[]).filter((name) => !openOperations.has(name));
  for (const name of closed) {
    const { status } = await post(printer.port, ippRequest(name), { host: `localhost:${printer.port}` });
    expect([401, 403, 426], name).toContain(status);
  }
  await printer.close();
});
