import { type Browser, chromium, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminPassword, createRig, type Rig } from '../../src-main/coordinator/testing/rig.ts';
import { needs } from '../support/needs.ts';

/**
 * A real browser at a real coordinator: what it keeps of the cookie, what it sends by itself, and a passkey of its own virtual
 * authenticator. The page is whatever is built; the calls are made as the console makes them.
 */
describe.runIf(needs('chromium'))('Chromium at the web listener', () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let origin: string;

  beforeAll(async () => {
    rig = await createRig();
    // Passkeys belong to host names; the coordinator's certificate names this one too.
    origin = rig.coordinator.webUrl.replace('127.0.0.1', 'localhost');
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
    await page.goto(`${origin}/admin`);
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.close();
  });

  interface Answer {
    readonly ok: boolean;
    readonly code?: string;
    readonly value?: Record<string, unknown>;
  }
  /** As the console calls: same origin, JSON, the session's token in a header. */
  const rpc = (procedure: string, input: object = {}, csrf = ''): Promise<Answer> =>
    page.evaluate(
      async ([path, body, csrf]) => {
        const headers = { 'content-type': 'application/json', 'x-letterlock-csrf': csrf };
        return (await fetch(path, { method: 'POST', headers, body })).json() as Promise<never>;
      },
      [`/api/rpc/${procedure}`, JSON.stringify(input), csrf] as const
    );
  /** In the page, in its own words: nothing here knows the types of a browser. */
  const inPage = <T>(script: string, input: unknown = null): Promise<T> =>
    page.evaluate(`(async (input) => ${script})(${JSON.stringify(input)})`);

  it('signs in, keeps the cookie from scripts, and is refused without the token of its session', async () => {
    const { value } = await rpc('session.sign-in', { name: 'admin', password: await adminPassword(rig) });
    expect(value).toMatchObject({ as: { name: 'admin' } });
    expect(await inPage('document.cookie')).toBe('');
    const cookies = await page.context().cookies();
    expect(cookies).toMatchObject([
      { name: '__Host-letterlock', httpOnly: true, secure: true, sameSite: 'Strict', path: '/', expires: -1 }
    ]);
    expect((await rpc('admin.user.list')).code).toBe('not-allowed');
    expect((await rpc('admin.user.list', {}, String(value?.csrf))).ok).toBe(true);
  });

  it('another site’s page gets nothing from it, with the cookie there', async () => {
    const elsewhere = await page.context().newPage();
    await elsewhere.goto(`${rig.coordinator.pairingUrl}/`); // another origin, whatever it answers
    const seen: number[] = [];
    const url = `${origin}/api/rpc/admin.user.list`;
    elsewhere.on('response', (response) => void (response.url() === url && seen.push(response.status())));
    const outcome = await elsewhere.evaluate(async (to) => {
      const form = { 'content-type': 'text/plain' };
      const got = [
        fetch(to, { credentials: 'include' }),
        fetch(to, { method: 'POST', credentials: 'include', headers: form, body: '{}' })
      ];
      return (await Promise.allSettled(got)).map(({ status }) => status);
    }, url);
    expect(outcome).toEqual(['rejected', 'rejected']);
    for (const status of seen) expect(status).toBeGreaterThanOrEqual(400);
    await elsewhere.close();
  });

  it('makes a passkey and signs in with nothing else', async () => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true
      }
    });
    const { value } = await inPage<{ value: { session: { csrf: string } } }>(
      `(await fetch('/api/rpc/session.get')).json()`
    );
    const { csrf } = value.session;

    const creation = (await rpc('account.passkey-begin', {}, csrf)).value;
    const made = await inPage(
      '(await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(input) })).toJSON()',
      creation
    );
    const added = await rpc('account.passkey-add', { name: 'this computer', response: made }, csrf);
    expect(added).toMatchObject({ ok: true, value: { host: 'localhost' } });
    await rpc('session.sign-out', {}, csrf);
    expect(await page.context().cookies()).toEqual([]);

    const request = (await rpc('session.passkey-begin')).value;
    const answer = await inPage(
      '(await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(input) })).toJSON()',
      request
    );
    const back = await rpc('session.passkey-sign-in', { response: answer });
    expect(back).toMatchObject({ ok: true, value: { as: { name: 'admin', secondFactor: { passkeys: 1 } } } });
    expect((await rpc('session.passkey-sign-in', { response: answer }, String(back.value?.csrf))).code).toBe(
      'sign-in-refused'
    );
  });
});
