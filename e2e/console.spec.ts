import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from '@playwright/test';
import { Secret, TOTP } from 'otpauth';
import { ConsolePage } from './pages/console.ts';
import { PortalPage } from './pages/portal.ts';
import { complaints, test } from './support/browser.ts';
import { expect } from './support/program.ts';
import { expectWhole as whole } from './support/whole.ts';

test.describe.configure({ mode: 'serial' });

const password = 'correct horse battery staple';
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
  await expectWhole('sign-in');

  await admin.signIn(system.web.user, system.web.password);
  await expect(page.getByRole('heading', { name: 'Set up Letterlock' })).toBeVisible();
  await expectWhole('set-up');
  await page.getByLabel('New password').fill(password);
  await page.getByLabel('The same once more').fill(password);
  await admin.button('Set password').click();
  await admin.expectNotice('Your password is changed');

  await admin.button('Set up an authenticator').click();
  await expect(page.getByRole('img', { name: 'QR code for your authenticator app' })).toBeVisible();
  await expectWhole('second-factor');
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
  await admin.signIn(system.web.user, password, recovery);
  await admin.expectSignedIn(system.organization);
});

const names = [
  'Overview',
  'Approvals',
  'Jobs',
  'Mesh',
  'Reports',
  'Users',
  'Groups',
  'Devices',
  'Printers',
  'Policy',
  'Keys',
  'Tokens',
  'Single sign-on',
  'Audit log',
  'Administrators'
];
const paths = [
  '',
  'approvals',
  'jobs',
  'mesh',
  'reports',
  'users',
  'groups',
  'devices',
  'printers',
  'policy',
  'keys',
  'tokens',
  'sign-on',
  'audit',
  'admins'
];

const reachedFromElsewhere = [
  'invitations',
  'user-rules',
  'policy-explain',
  'policy-history',
  'mail',
  'forwarding',
  'account',
  'setup'
];

for (const scheme of ['light', 'dark'] as const) {
  test(`every page is whole, accessible and free of errors, ${scheme}`, async () => {
    await page.emulateMedia({ colorScheme: scheme });
    for (const name of names) {
      await test.step(name, async () => {
        await admin.goTo(name);
        await expectWhole(`${name.toLowerCase().replaceAll(' ', '-')}-${scheme}`);
      });
    }
    await page.emulateMedia({ colorScheme: 'light' });
  });
}

test('every page fits a narrow window', async () => {
  await page.setViewportSize({ width: 390, height: 800 });
  for (const path of [...paths, ...reachedFromElsewhere]) {
    await admin.open(path);
    await expectWhole(`narrow-${path || 'overview'}`);
  }
  await admin.button('Navigation').click();
  await admin.goTo('Users');
  await page.setViewportSize({ width: 1280, height: 800 });
});

test('a machine joins once its code was compared', async ({ system }) => {
  await admin.goTo('Approvals');
  const folder = mkdtempSync(join(tmpdir(), 'letterlock-joining-'));
  const machine = await system.join(folder, 'node', 'attic');
  const card = page.getByRole('listitem', { name: 'attic' });
  await expect(card.getByRole('img', { name: 'Pairing code' })).toHaveAttribute('data-code', machine.code);
  await expectWhole('approval');
  await card.getByRole('button', { name: 'The same: approve' }).click();
  await machine.paired;
  await admin.expectNotice('attic has joined');
  await expect(card).toBeHidden();

  await admin.goTo('Devices');
  await expect(admin.row('attic')).toContainText('Online');
  await machine.stop();
  rmSync(folder, { recursive: true, force: true });
  await expect(admin.row('attic')).toContainText('Offline', { timeout: 60_000 });

  await admin.button('attic').click();
  await expect(page.getByRole('dialog', { name: 'attic' })).toContainText('Node');
  await expectWhole('device');
  await page.getByRole('dialog', { name: 'attic' }).getByRole('button', { name: 'Revoke' }).click();
  await admin.confirm('Revoke attic?', 'Revoke');
  await admin.expectNotice('The device is revoked');
  await page.keyboard.press('Escape');
  await expect(admin.row('attic')).toContainText('Revoked');
});

test('users are added, found, suspended together, and saved as CSV', async () => {
  await admin.goTo('Users');
  await admin.addUser('=ada', '271828');
  await admin.addUser('grace');
  await admin.addUser('Grażyna');
  await expect(page.getByRole('row')).toHaveCount(5);

  await admin.choose('=ada', 'grace');
  await page.getByRole('toolbar').getByRole('button', { name: 'Suspend' }).click();
  await admin.confirm('Suspend 2 users?', 'Suspend');
  await admin.expectNotice('2 users are suspended');

  await page.getByRole('combobox', { name: 'Any state' }).selectOption('suspended');
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
  await page.reload();
  await expect(page.getByRole('row')).toHaveCount(3);
  expect(page.url()).toContain('state=suspended&sort=name');
  await page.getByRole('searchbox', { name: 'Search' }).fill('GRACE');
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.getByRole('searchbox', { name: 'Search' }).fill('');

  const [download] = await Promise.all([page.waitForEvent('download'), admin.button('Save as CSV').click()]);
  expect(readFileSync(await download.path(), 'utf8')).toBe(
    "Name,State,PIN\r\n'=ada,Suspended,Set\r\ngrace,Suspended,Not set\r\n"
  );
  await page.getByRole('combobox', { name: 'Any state' }).selectOption('');
});

test('what others do appears by itself, also after the network was away', async ({ system }) => {
  await admin.goTo('Users');
  await system.letterlock('admin', 'user', 'add', 'from-elsewhere');
  await expect(admin.row('from-elsewhere')).toBeVisible();

  await context.setOffline(true);
  await expect(page.getByText('Connecting again')).toBeVisible();
  await expectWhole('reconnecting');
  await system.letterlock('admin', 'user', 'add', 'meanwhile');
  await context.setOffline(false);
  await expect(admin.row('meanwhile')).toBeVisible({ timeout: 40_000 });
  await expect(page.getByText('Connecting again')).toBeHidden();
});

test('a dangerous act asks who is there, and is then done once', async () => {
  await admin.goTo('Keys');
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
  await expectWhole('confirm');
  await dialog.getByRole('button', { name: 'Back' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'Epoch 2' })).toBeHidden();
  await admin.button('New key').click();
  await admin.confirm('Make a new release key?', 'New key');
  await admin.expectNotice('Epoch 2 has begun');
  await expect(page.getByRole('listitem').filter({ hasText: 'Epoch 2' })).toContainText('For new jobs');
});

test('an enrollment token is shown once', async () => {
  await admin.goTo('Tokens');
  await admin.button('New enrollment token').click();
  await admin.button('Make it').click();
  const dialog = page.getByRole('dialog', { name: 'The enrollment token' });
  await expect(dialog.getByText(/^ll1\./)).toBeVisible();
  await expectWhole('token');
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'I have kept it' }).click();
  await expect(page.getByText(/ll1\./)).toHaveCount(0);
  await expect(page.getByRole('listitem').filter({ hasText: '0 of 1 used' })).toBeVisible();
});

test('the overview shows two weeks, and what needs somebody', async () => {
  const days = Array.from({ length: 14 }, (_, at) => ({
    day: new Date(Date.UTC(2030, 0, 1 + at)).toISOString().slice(0, 10),
    printed: [0, 34, 41, 52, 38, 47, 3, 1, 44, 58, 49, 61, 55, 12][at],
    erased: [0, 4, 6, 9, 3, 7, 1, 0, 5, 8, 6, 11, 7, 2][at],
    canceled: (at * 3) % 5
  }));
  await page.route('**/api/rpc/admin.report.daily*', (route) => route.fulfill({ json: { ok: true, value: days } }));
  await admin.goTo('Users');
  await page.reload();
  await admin.goTo('Overview');
  await expect(page.getByText(/of \d+ jobs were never printed/)).toBeVisible();
  await expect(page.getByRole('img', { name: 'The last 14 days' }).locator('path').first()).toBeVisible();
  await expectWhole('overview-chart');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectWhole('overview-chart-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.unroute('**/api/rpc/admin.report.daily*');
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
  const { password: given } = (await system.letterlock('admin', 'admin', 'add', 'grace', '--role', 'operator')) as {
    password: string;
  };
  await there.open('account');
  await there.signIn('grace', given);
  await expect(own.getByRole('heading', { name: 'Choose your own password' })).toBeVisible();
  await own.getByLabel('New password').fill(password);
  await own.getByLabel('The same once more').fill(password);
  await there.button('Set password').click();
  await there.field('Name of the passkey').fill('Laptop');
  await there.button('Add a passkey').click();
  await expect(own.getByRole('list', { name: 'Passkeys' })).toContainText('Laptop');
  await expectWhole('account', own);
  await there.button('Sign out').click();
  await there.button('Use a passkey').click();
  await there.expectSignedIn(system.organization);
  await theirs.close();
});

test('the audit log says who did what, and holds', async () => {
  await admin.goTo('Audit log');
  await page.getByRole('searchbox', { name: 'Search' }).fill('user.suspended');
  await expect(page.getByRole('row').filter({ hasText: 'grace' })).toContainText('admin');
  await admin.button('Verify now').click();
  await expect(page.getByText(/\d+ rows and \d+ signatures hold/)).toBeVisible();
  const [download] = await Promise.all([page.waitForEvent('download'), admin.button('Export').click()]);
  expect(readFileSync(await download.path(), 'utf8')).toContain('user.suspended');
});

test('ten thousand rows scroll as ten do', async () => {
  const at = (minute: number) => new Date(Date.UTC(2030, 0, 1, 0, minute)).toISOString();
  const jobs = Array.from({ length: 10_000 }, (_, n) => ({
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    state: n % 3 === 0 ? 'held' : 'completed',
    owner: `person ${n}`,
    size: n * 1_000,
    created: at(-n),
    expires: at(n),
    holders: [],
    printer: null,
    grant: null
  }));
  await page.route('**/api/rpc/admin.job.list*', (route) => route.fulfill({ json: { ok: true, value: jobs } }));
  await admin.goTo('Jobs');
  await expect(page.getByText('10,000 rows').or(page.getByText('10000 rows'))).toBeVisible();
  expect(await page.getByRole('row').count()).toBeLessThan(80);
  await page.getByRole('region', { name: 'Jobs' }).focus();
  await page.keyboard.press('End');
  await expect(page.getByText(/^person 9999/)).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search' }).fill('person 4321');
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.getByRole('searchbox', { name: 'Search' }).fill('');
  await expectWhole('ten-thousand');
  await page.unroute('**/api/rpc/admin.job.list*');
});

test('jobs beyond the newest are a page away', async () => {
  const job = (n: number) => ({
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    state: 'completed',
    owner: `person ${n}`,
    size: 1_000,
    created: '2030-01-01T00:00:00.000Z',
    expires: '2030-01-02T00:00:00.000Z',
    holders: [],
    printer: null,
    grant: null,
    suspended: false
  });
  await page.route('**/api/rpc/admin.job.list*', (route) => {
    const { before } = JSON.parse(new URL(route.request().url()).searchParams.get('input') ?? '{}');
    const value = before === undefined ? Array.from({ length: 500 }, (_, n) => job(n)) : [job(500)];
    return before === undefined || before === job(499).id
      ? route.fulfill({ json: { ok: true, value } })
      : route.abort();
  });
  await admin.open('jobs');
  await page.reload(); // what it knew of jobs is forgotten
  await admin.button('Older jobs').click();
  await expect(page.getByRole('button', { name: 'person 500' })).toBeVisible();
  await expect(admin.button('Older jobs')).toBeHidden();
  await admin.button('Newest jobs').click();
  await expect(page.getByText(/^person 0$/)).toBeVisible();
  await page.unroute('**/api/rpc/admin.job.list*');
  await page.reload();
});

test('a slow line that loses requests is no reason to wait twice', async () => {
  const network = await context.newCDPSession(page);
  await network.send('Network.enable');
  await network.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 400,
    downloadThroughput: 200_000,
    uploadThroughput: 100_000
  });
  // Every answer of a page is asked for before the first one of them comes.
  for (const name of ['Overview', 'Approvals', 'Mesh']) {
    const asked: string[] = [];
    let answered = false;
    const onRequest = (request: { url(): string }) => {
      if (request.url().includes('/api/rpc/')) asked.push(`${answered ? 'late ' : ''}${request.url()}`);
    };
    const onResponse = (response: { url(): string }) => {
      answered ||= response.url().includes('/api/rpc/');
    };
    page.on('request', onRequest);
    page.on('response', onResponse);
    await admin.goTo(name);
    await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
    page.off('request', onRequest);
    page.off('response', onResponse);
    expect(asked.filter((url) => url.startsWith('late'))).toEqual([]);
  }
  let count = 0;
  await page.route('**/api/rpc/**', (route) =>
    route.request().method() === 'GET' && count++ % 3 === 0 ? route.abort() : route.continue()
  );
  await page.reload();
  await admin.goTo('Printers');
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.unroute('**/api/rpc/**');
  await network.detach();
});

test('people see their own jobs in the portal, and change their PIN', async ({ browser, system }) => {
  const theirs = await browser.newContext({ ignoreHTTPSErrors: true });
  const own = await theirs.newPage();
  const complainedThere = complaints(own);
  const portal = new PortalPage(own, system.web.url);
  const { name, pin } = system.user;
  await portal.open();
  await expect(own.getByRole('heading', { name: 'My printing' })).toBeVisible();
  await expectWhole('portal-sign-in', own);
  await portal.signIn(name, '0000');
  await expect(own.getByRole('alert')).toContainText('not right');
  await portal.signIn(name, pin);
  await expect(own.getByText(`Signed in as ${name}`)).toBeVisible();
  await expect(own.getByText('Nothing waits for you')).toBeVisible();
  await expectWhole('portal', own);

  const changed = '31415926';
  await portal.changePin('1111', changed);
  await expect(own.getByRole('dialog').getByRole('alert')).toContainText('not right');
  await own.getByRole('dialog').getByLabel('Present PIN').fill(pin);
  await own.getByRole('dialog').getByRole('button', { name: 'Change my PIN' }).click();
  await expect(own.getByText('Your PIN is changed')).toBeVisible();
  await own.getByRole('button', { name: 'Sign out' }).click();
  await portal.signIn(name, changed);
  await expect(own.getByText(`Signed in as ${name}`)).toBeVisible();

  expect(complainedThere()).toEqual([]);

  // Whoever is suspended is shown out.
  await admin.goTo('Users');
  await admin.choose(name);
  await page.getByRole('toolbar').getByRole('button', { name: 'Suspend' }).click();
  await admin.confirm(`Suspend ${name}?`, 'Suspend');
  await expect(own.getByText('You have been signed out.')).toBeVisible({ timeout: 40_000 });
  await theirs.close();
});

const expectWhole = (name: string, where: Page = page) => whole(where, name);
