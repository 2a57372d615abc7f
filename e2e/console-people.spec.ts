import type { BrowserContext } from '@playwright/test';
import { startProvider, type TestProvider } from '../src-main/coordinator/sso/testing/provider.ts';
import { PortalPage } from './pages/portal.ts';
import { complaints, test } from './support/browser.ts';
import { openConsole } from './support/console.ts';
import { expect } from './support/program.ts';
import { expectWhole } from './support/whole.ts';

/** People and the rules for them: groups, invitations, badges, the policy, delegates, guests, single sign-on. */
const opened = openConsole('hedy');

test('who is invited chooses a PIN, once, and opening the link changes nothing', async ({ browser, system }) => {
  const { page, admin } = opened;
  await admin.open('invitations');
  await admin.button('Invite somebody').click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('lovelace');
  await page.getByRole('dialog').getByRole('textbox', { name: 'E-mail address' }).fill('lovelace@example.org');
  await expectWhole(page, 'invite');
  await admin.button('Make the link').click();
  const shown = page.getByRole('dialog', { name: 'The link for lovelace' });
  const link = await shown.locator('code').innerText();
  await expectWhole(page, 'invitation-link');
  await shown.getByRole('button', { name: 'I have kept it' }).click();
  await expect(page.getByRole('listitem', { name: 'lovelace' })).toContainText('lovelace@example.org');
  await expectWhole(page, 'invitations');

  const theirs = await browser.newContext({ ignoreHTTPSErrors: true });
  const own = await theirs.newPage();
  for (let time = 0; time < 3; time += 1) await own.goto(link);
  await expectWhole(own, 'invitation-page');
  await own.getByLabel('PIN, digits only').fill('847261');
  await own.getByLabel('The same PIN again').fill('847261');
  await own.getByRole('button', { name: 'Set my PIN' }).click();
  await own.getByRole('link', { name: 'My print jobs' }).click();
  await new PortalPage(own, system.web.url).signIn('lovelace', '847261');
  await expect(own.getByText('Signed in as lovelace')).toBeVisible();
  await own.goto(link);
  await expect(own.getByRole('alert')).toBeVisible();
  await theirs.close();
  await expect(page.getByText('No invitation is open')).toBeVisible();
});

test('an invitation that was revoked is gone', async () => {
  const { page, admin } = opened;
  await admin.open('invitations');
  await admin.button('Invite somebody').click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('lovelace');
  await admin.button('Make the link').click();
  const link = await page.getByRole('dialog').locator('code').innerText();
  await admin.button('I have kept it').click();
  await page.getByRole('listitem', { name: 'lovelace' }).getByRole('button', { name: 'Revoke' }).click();
  await admin.confirm('Revoke the invitation of lovelace?', 'Revoke');
  await admin.expectNotice('The invitation of lovelace is revoked');
  expect((await page.request.get(link)).status()).not.toBe(200);
});

test('a group is made, and its members are ticked', async ({ system }) => {
  const { page, admin } = opened;
  await admin.goTo('Groups');
  await expectWhole(page, 'groups-none');
  await page
    .getByRole('banner')
    .or(page.getByRole('main'))
    .getByRole('button', { name: 'Add a group' })
    .first()
    .click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('interns');
  await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
  await admin.expectNotice('interns is added');
  await admin.button('interns').click();
  await admin.button('Change members').click();
  const dialog = page.getByRole('dialog', { name: 'Members of interns' });
  await dialog.getByRole('searchbox').fill(system.user.name.slice(0, 3).toUpperCase());
  await dialog.getByRole('checkbox', { name: system.user.name }).check();
  await expectWhole(page, 'group-members');
  await dialog.getByRole('button', { name: 'Save members' }).click();
  await admin.expectNotice('The members of interns are changed');
  await expect(page.getByRole('dialog', { name: 'interns' })).toContainText(system.user.name);
  await page.keyboard.press('Escape');
  await expect(admin.row('interns')).toContainText('1');
});

test('a badge is read into a user’s account by its reader', async () => {
  const { page, admin } = opened;
  await admin.goTo('Users');
  await admin.button('lovelace').click();
  const panel = page.getByRole('dialog', { name: 'lovelace' });
  await panel.getByRole('button', { name: 'Add a badge' }).click();
  await expect(page.getByRole('dialog', { name: 'A badge for lovelace' }).getByLabel('Number')).toBeFocused();
  await page.keyboard.type('04A1B2C3D4');
  await expectWhole(page, 'add-badge');
  await page.keyboard.press('Enter');
  await admin.expectNotice('The badge is lovelace’s');
  await expect(panel.getByRole('list', { name: 'Badges' }).getByRole('listitem')).toHaveCount(1);
  await expectWhole(page, 'user');
  await panel.getByRole('button', { name: /^Remove the badge/ }).click();
  await admin.confirm('Remove this badge?', 'Remove');
  await expect(panel.getByText('None. With one')).toBeVisible();
  await page.keyboard.press('Escape');
});

test('an exception of the policy is tried out, made, explained, found in the history, and removed', async ({
  system
}) => {
  const { page, admin } = opened;
  await admin.goTo('Policy');
  await admin.button('New exception').click();
  const dialog = page.getByRole('dialog', { name: 'New exception' });
  await dialog.getByLabel('Short name').fill('interns-grey');
  await dialog.getByLabel('What is said').fill('Interns print in black and white.');
  await dialog.getByRole('combobox', { name: 'For whom' }).selectOption('group');
  await dialog.getByRole('combobox', { name: 'A group' }).selectOption('interns');
  await dialog.getByRole('combobox', { name: 'Colour' }).selectOption('deny');
  await dialog.getByRole('combobox', { name: 'Where' }).selectOption('printer');
  await expect(dialog.getByLabel('Hours until a job is erased')).toBeHidden();
  await dialog.getByRole('combobox', { name: 'One printer' }).selectOption({ label: system.printer.name });
  await dialog.getByLabel('Reason').fill('Toner is dear.');
  await dialog.getByRole('button', { name: 'What would it have refused?' }).click();
  await expect(dialog.getByText(/^Nothing: /)).toBeVisible();
  await expectWhole(page, 'policy-rule');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await admin.expectNotice('The policy is in force');
  const rule = page.getByRole('listitem', { name: 'interns-grey' });
  await expect(rule).toContainText(`Group interns, at ${system.printer.name}`);
  await expect(rule).toContainText('Colour: black and white only');
  await expectWhole(page, 'policy-with-rule');

  await page.getByRole('link', { name: 'Who may print where?' }).click();
  await admin.field('Name or e-mail address of a user').fill(system.user.name);
  await page.getByRole('combobox', { name: 'Printer' }).selectOption({ label: system.printer.name });
  await page.getByRole('checkbox', { name: 'In colour' }).check();
  await admin.button('Ask').click();
  await expect(page.getByRole('alert')).toContainText('Interns print in black and white.');
  await expectWhole(page, 'policy-explained');
  await page.getByRole('checkbox', { name: 'In colour' }).uncheck();
  await admin.button('Ask').click();
  await expect(page.getByText('Yes, it is allowed.')).toBeVisible();
  await admin.field('Name or e-mail address of a user').fill('nobody of this name');
  await admin.button('Ask').click();
  await expect(page.getByRole('alert')).toBeVisible();

  await admin.open('policy-history');
  await expect(page.getByRole('listitem').filter({ hasText: 'Toner is dear.' })).toContainText('admin:hedy');
  await expectWhole(page, 'policy-changed');

  await admin.goTo('Policy');
  await admin.button('Remove interns-grey').click();
  await admin.confirm('Remove interns-grey?', 'Remove');
  await expect(rule).toBeHidden();
  await expect(page.getByText('The settings hold for everybody.')).toBeVisible();
});

test('the settings are changed with a reason', async () => {
  const { page, admin } = opened;
  await admin.goTo('Policy');
  await page.getByLabel('Hours until a job is erased').fill('12');
  await page.getByLabel('Reason').fill('Shorter nights.');
  await admin.button('Save').click();
  await admin.expectNotice('The policy is in force');
  await page.getByRole('link', { name: 'History of the policy' }).click();
  const first = page.getByRole('listitem').filter({ hasText: 'Shorter nights.' });
  await expect(first.locator('ins')).toContainText('12');
});

test('people let colleagues and guests print, as far as they may', async ({ browser, system }) => {
  const { page, admin } = opened;
  await admin.open('user-rules');
  await page.getByRole('checkbox', { name: 'People may invite guests' }).check();
  await expectWhole(page, 'user-rules');
  await admin.button('Save').click();
  await admin.expectNotice('The rules are in force');

  const theirs = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1000, height: 1200 } });
  const own = await theirs.newPage();
  const complainedThere = complaints(own);
  const portal = new PortalPage(own, system.web.url);
  await portal.open();
  await portal.signIn('lovelace', '847261');

  await own.getByRole('button', { name: 'Let a colleague release' }).click();
  const delegate = own.getByRole('dialog', { name: 'Let a colleague release' });
  await delegate.getByLabel('Colleague').fill('nobody of this name');
  await delegate.getByLabel('Last day').fill('2999-01-01');
  await delegate.getByRole('button', { name: 'Let a colleague release' }).click();
  await expect(delegate.getByRole('alert')).toBeVisible();
  await expectWhole(own, 'portal-delegate');
  const soon = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  await delegate.getByLabel('Colleague').fill(system.user.name);
  await delegate.getByLabel('Last day').fill(soon);
  await delegate.getByRole('button', { name: 'Let a colleague release' }).click();
  await expect(own.getByRole('list', { name: 'Who may release for me' })).toContainText(system.user.name);

  await own.getByRole('button', { name: 'Invite a guest' }).click();
  const guest = own.getByRole('dialog', { name: 'Invite a guest' });
  await guest.getByLabel('Name of the guest').fill('visitor');
  await guest.getByRole('button', { name: 'Invite a guest' }).click();
  await expect(own.getByRole('dialog', { name: 'The link for visitor' }).locator('code')).toContainText('/invitation/');
  await own.getByRole('button', { name: 'I have kept it' }).click();
  await expect(own.getByRole('list', { name: 'My guests' })).toContainText('visitor');

  await own.getByRole('button', { name: 'Add a badge' }).click();
  const badge = own.getByRole('dialog', { name: 'Add a badge' });
  await badge.getByLabel('Present PIN').fill('847261');
  await badge.getByLabel('Number of the badge').fill('0412345678');
  await badge.getByRole('button', { name: 'Add a badge' }).click();
  await expect(own.getByRole('list', { name: 'Badges' }).getByRole('listitem')).toHaveCount(1);
  await expectWhole(own, 'portal-full');
  await own.emulateMedia({ colorScheme: 'dark' });
  await expectWhole(own, 'portal-full-dark');
  await own.setViewportSize({ width: 390, height: 1200 });
  await expectWhole(own, 'portal-full-narrow');

  await own.getByRole('button', { name: `Remove ${system.user.name}` }).click();
  await expect(own.getByText('Nobody but you.')).toBeVisible();
  await own.getByRole('button', { name: 'Remove visitor' }).click();
  await own.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(own.getByText('visitor is removed')).toBeVisible();
  expect(complainedThere()).toEqual([]);
  await theirs.close();
});

test('single sign-on is set up, signs somebody in, and is taken away', async ({ browser, system }) => {
  const provider = await startProvider(
    [`${system.web.url}/sso/callback`],
    [`${system.web.url}/admin`, `${system.web.url}/portal`]
  );
  try {
    await signOnWith(provider, browser, system.web.url);
  } finally {
    await provider.close();
  }
});

async function signOnWith(
  provider: TestProvider,
  browser: { newContext(options: object): Promise<BrowserContext> },
  url: string
): Promise<void> {
  const { page, admin } = opened;
  provider.people.set('s-lovelace', {
    preferred_username: 'lovelace',
    email: 'lovelace@example.org',
    email_verified: true
  });
  provider.person = 's-lovelace';
  await admin.goTo('Single sign-on');
  await expectWhole(page, 'sign-on');
  await page.getByLabel('Name', { exact: true }).fill('Company account');
  await page.getByLabel('Issuer').fill('https://localhost:1');
  await page.getByLabel('Client id').fill(provider.client.id);
  await page.getByLabel('Client secret').fill(provider.client.secret);
  await page.getByText('Who may, and special cases').click();
  await page.getByLabel('Certificate authority of the provider (PEM)').fill(provider.authority);
  await page.getByRole('checkbox', { name: 'A first sign-in finds the user' }).check();
  await admin.button('Ask the provider and save').click();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByLabel('Issuer').fill(provider.issuer);
  await admin.button('Ask the provider and save').click();
  await admin.expectNotice('People can sign in with Company account');

  const theirs = await browser.newContext({ ignoreHTTPSErrors: true });
  const own = await theirs.newPage();
  await own.goto(`${url}/portal`);
  await expect(own.getByRole('button', { name: 'Sign in with Company account' })).toBeVisible();
  await expectWhole(own, 'portal-sign-on');
  await own.getByRole('button', { name: 'Sign in with Company account' }).click();
  await expect(own.getByText('Signed in as lovelace')).toBeVisible();
  await expect(own.getByRole('button', { name: 'Sign out here and at Company account' })).toBeVisible();
  await theirs.close();

  await admin.goTo('Users');
  await admin.goTo('Single sign-on');
  await expect(page.getByRole('region', { name: 'Who is whom' })).toContainText('lovelace');
  await expectWhole(page, 'sign-on-linked');
  await page.getByRole('region', { name: 'Who is whom' }).getByRole('button', { name: 'Unlink' }).click();
  await admin.confirm('Unlink lovelace?', 'Unlink');
  await expect(page.getByText('Nobody has signed in with it yet.')).toBeVisible();
  await admin.button('Remove the provider').click();
  await admin.confirm('Remove Company account?', 'Remove the provider');
  await admin.expectNotice('Single sign-on is off');
}

test('the authority and the master key are renewed', async () => {
  const { page, admin } = opened;
  await admin.goTo('Keys');
  await admin.button('New master key').click();
  await admin.confirm('Make a new master key?', 'New master key');
  await expect(page.getByText(/release keys? (is|are) under the new master key/)).toBeVisible();
  await admin.button('Renew').click();
  await admin.confirm('Renew the certificate authority?', 'Renew');
  await admin.expectNotice('The certificate authority is renewed');
  await expectWhole(page, 'keys-renewed');
});

test('a user is removed for good', async () => {
  const { page, admin } = opened;
  await admin.goTo('Users');
  await admin.button('lovelace').click();
  const panel = page.getByRole('dialog', { name: 'lovelace' });
  await panel.getByRole('button', { name: 'Remove for good' }).click();
  await admin.confirm('Remove lovelace for good?', 'Remove for good');
  await admin.expectNotice('lovelace is removed');
  await expect(admin.row('lovelace')).toBeHidden();
});
