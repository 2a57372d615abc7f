import { type Browser, chromium, type Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProvider, type TestProvider } from '../../src-main/coordinator/sso/testing/provider.ts';
import { actor, createRig, type Rig } from '../../src-main/coordinator/testing/rig.ts';
import { procedures } from '../../src-preload/contract/index.ts';
import { needs } from '../support/needs.ts';

/**
 * A real browser between a real provider and a real coordinator: which cookie it brings along when the provider sends it back
 * decides whether any of this works, and only a browser knows.
 */
describe.runIf(needs('chromium'))('Chromium signs in through an OpenID Connect provider', () => {
  let rig: Rig;
  let provider: TestProvider;
  let browser: Browser;
  let origin: string;

  beforeAll(async () => {
    rig = await createRig();
    origin = rig.coordinator.webUrl.replace('127.0.0.1', 'localhost');
    provider = await startProvider([`${origin}/sso/callback`], [`${origin}/portal`]);
    provider.people.set('s-ada', { preferred_username: 'ada', groups: ['it'] });
    provider.person = 's-ada';
    const settings = procedures['admin.sso.set'].input.parse({
      name: 'Company account',
      issuer: provider.issuer,
      clientId: provider.client.id,
      clientSecret: provider.client.secret,
      authority: provider.authority,
      createUsers: true,
      adminGroups: [{ group: 'it', role: 'operator' }]
    });
    await rig.coordinator.handlers['admin.sso.set'](settings, actor);
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.close();
    await provider?.close();
  });

  const open = async (path: string): Promise<Page> => {
    const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
    await page.goto(`${origin}${path}`);
    return page;
  };
  /** As the button does. */
  const begin = (page: Page, as: 'user' | 'admin'): Promise<string> =>
    page.evaluate(async (as) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch('/api/rpc/sso.begin', { method: 'POST', headers, body: JSON.stringify({ as }) });
      return ((await answer.json()) as { value: { url: string } }).value.url;
    }, as);
  const signedIn = (page: Page) =>
    page.evaluate(async () => {
      const answer = (await (await fetch('/api/rpc/session.get')).json()) as {
        value: { session: { as: object } | null };
      };
      return answer.value.session?.as ?? null;
    });

  it.each(['user', 'admin'] as const)('as %s, and comes back signed in', async (as) => {
    const page = await open('/portal');
    await page.goto(await begin(page, as));
    expect(page.url()).toMatch(as === 'admin' ? `${origin}/admin` : `${origin}/portal`);
    expect(await signedIn(page)).toMatchObject({ kind: as, name: 'ada' });
    // The one of the sign-on itself is gone.
    const ours = (await page.context().cookies(origin)).filter(({ name }) => name.includes('letterlock'));
    expect(ours).toMatchObject([{ name: '__Host-letterlock', sameSite: 'Strict', httpOnly: true }]);
    await page.context().close();
  });

  it('a link to the end of somebody else’s sign-on opens nothing', async () => {
    const mallory = await open('/portal');
    const address = await provider.visit(await begin(mallory, 'user'));
    expect(address).toContain('code=');

    const victim = await open('/portal');
    await begin(victim, 'user');
    const answer = await victim.goto(address);
    expect(answer?.status()).toBe(403);
    expect(await victim.textContent('h1')).toBe('Not signed in');
    expect(await signedIn(victim)).toBeNull();
  });
});
