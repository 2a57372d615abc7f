import type { BrowserContext, Page } from '@playwright/test';
import { Secret, TOTP } from 'otpauth';
import { ConsolePage } from './pages/console.ts';
import { complaints, test } from './support/browser.ts';
import { ownPassword } from './support/console.ts';
import { expect } from './support/program.ts';
import { expectWhole } from './support/whole.ts';

/** Signing in for the first time, with a second factor, with a passkey; and once more before what is dangerous. */
test.describe.configure({ mode: 'serial' });

let context: BrowserContext;
let page: Page;
let admin: ConsolePage;
let complained: () => string[];

test.beforeAll(async ({ browser, system }) => {
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ignoreHTTPSErrors: true });
  page = await context.newPage();
  complained = complaints(page);
  admin = new ConsolePage(page, system.web.url);
});
test.afterEach(() => expect(complained()).toEqual([]));
test.afterAll(() => context.close());

test('the first sign-in leads through the set-up', async ({ system }) => {
  await page.goto(system.web.url);
  await admin.signIn(system.web.user, 'not the password');
  await expect(page.getByRole('alert')).toContainText('not right');
  await expectWhole(page, 'sign-in');

  await admin.signIn(system.web.user, system.web.password);
  await expect(page.getByRole('heading', { name: 'Set up Letterlock' })).toBeVisible();
  await expectWhole(page, 'set-up');
  await admin.choosePassword(ownPassword);
  await admin.expectNotice('Your password is changed');

  await admin.button('Set up an authenticator').click();
  await expect(page.getByRole('img', { name: 'QR code for your authenticator app' })).toBeVisible();
  await expectWhole(page, 'second-factor');
  const secret = await page.getByRole('main').locator('code').innerText();
  const totp = new TOTP({ secret: Secret.fromBase32(secret.replaceAll(/\s/g, '')) });
  await admin.field('The six digits that it shows').fill(totp.generate());
  await admin.button('Turn it on').click();
  const codes = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
  const recovery = await codes.first().innerText();
  await admin.button('I have kept it').click();

  // The rest is there but for a computer that prints.
  await expect(page.getByRole('listitem').filter({ hasText: 'A second factor' })).toContainText('done');
  await admin.button('Later').click();
  await page.getByRole('link', { name: 'To the overview' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();

  await admin.button('Sign out').click();
  await admin.signIn(system.web.user, ownPassword, recovery);
  await admin.expectSignedIn(system.organization);
});

test('a dangerous act asks who is there, and is then done once', async () => {
  await admin.goTo('Keys');
  const keys = page.getByRole('list', { name: 'Keys', exact: true }).getByRole('listitem');
  await expect(keys.first()).toBeVisible();
  const before = await keys.count();
  const refusal = { ok: false, code: 'confirmation-required', message: '' };
  await page.route('**/api/rpc/admin.key.rotate', (route) => route.fulfill({ status: 403, json: refusal }), {
    times: 1
  });
  await admin.button('New key').click();
  await admin.confirm('Make a new release key?', 'New key');
  const dialog = page.getByRole('dialog', { name: 'Is it you?' });
  await dialog.getByLabel('Password').fill('wrong');
  await dialog.getByLabel('Code').fill('000000');
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await expectWhole(page, 'confirm');
  await dialog.getByRole('button', { name: 'Back' }).click();
  await expect(keys).toHaveCount(before);
  await admin.button('New key').click();
  await admin.confirm('Make a new release key?', 'New key');
  await expect(keys).toHaveCount(before + 1);
  await expect(keys.first()).toContainText('For new jobs');
  await expect(page.getByText(/^Epoch \d+ has begun$/)).toBeVisible();
});

test('a passkey is made and signs in', async ({ browser, system }) => {
  const theirs = await browser.newContext({ ignoreHTTPSErrors: true });
  const own = await theirs.newPage();
  const authenticator = await theirs.newCDPSession(own);
  await authenticator.send('WebAuthn.enable');
  await authenticator.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true
    }
  });
  // Passkeys belong to host names: the certificate names this one too.
  const there = new ConsolePage(own, `https://localhost:${new URL(system.web.url).port}`);
  const { password: given } = (await system.letterlock('admin', 'admin', 'add', 'mccarthy', '--role', 'operator')) as {
    password: string;
  };
  await there.open('account');
  await there.signIn('mccarthy', given);
  await expect(own.getByRole('heading', { name: 'Choose your own password' })).toBeVisible();
  await there.choosePassword(ownPassword);
  await there.field('Name of the passkey').fill('Laptop');
  await there.button('Add a passkey').click();
  await expect(own.getByRole('list', { name: 'Passkeys' })).toContainText('Laptop');
  await expectWhole(own, 'account');
  await there.button('Sign out').click();
  await there.button('Use a passkey').click();
  await there.expectSignedIn(system.organization);
  await theirs.close();
});
