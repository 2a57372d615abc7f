import { PortalPage } from './pages/portal.ts';
import { complaints, test } from './support/browser.ts';
import { openConsole } from './support/console.ts';
import { expect } from './support/program.ts';
import { expectWhole } from './support/whole.ts';

/** The portal, where people see their own jobs. */
const opened = openConsole('keller');

test('people see their own jobs in the portal, and change their PIN', async ({ browser, system }) => {
  const { page, admin } = opened;
  const [name, pin] = ['hamilton', '19690720'];
  await admin.goTo('Users');
  await admin.addUser(name, pin);
  const theirs = await browser.newContext({ ignoreHTTPSErrors: true });
  const own = await theirs.newPage();
  const complainedThere = complaints(own);
  const portal = new PortalPage(own, system.web.url);
  await portal.open();
  await expect(own.getByRole('heading', { name: 'My printing' })).toBeVisible();
  await expectWhole(own, 'portal-sign-in');
  await portal.signIn(name, '0000');
  await expect(own.getByRole('alert')).toContainText('not right');
  await portal.signIn(name, pin);
  await expect(own.getByText(`Signed in as ${name}`)).toBeVisible();
  await expect(own.getByText('Nothing waits for you')).toBeVisible();
  await expectWhole(own, 'portal');

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
  await admin.choose(name);
  await page.getByRole('toolbar').getByRole('button', { name: 'Suspend' }).click();
  await admin.confirm(`Suspend ${name}?`, 'Suspend');
  await expect(own.getByText('You have been signed out.')).toBeVisible({ timeout: 40_000 });
  await page.getByRole('toolbar').getByRole('button', { name: 'Let print again' }).click();
  await admin.expectNotice('The user may print again');
  await theirs.close();
});
