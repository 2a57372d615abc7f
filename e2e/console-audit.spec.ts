import { readFileSync } from 'node:fs';
import { test } from './support/browser.ts';
import { openConsole } from './support/console.ts';
import { expect } from './support/program.ts';

/** The audit log. */
const opened = openConsole('germain');

test('the audit log says who did what, and holds', async () => {
  const { page, admin } = opened;
  await admin.goTo('Users');
  await admin.addUser('hollerith');
  await admin.choose('hollerith');
  await page.getByRole('toolbar').getByRole('button', { name: 'Suspend' }).click();
  await admin.confirm('Suspend hollerith?', 'Suspend');
  await admin.expectNotice('The user is suspended');
  await page.getByRole('toolbar').getByRole('button', { name: 'Let print again' }).click();
  await admin.expectNotice('The user may print again');

  await admin.goTo('Audit log');
  await page.getByRole('searchbox', { name: 'Search' }).fill('user.suspended');
  await expect(page.getByRole('row').filter({ hasText: 'hollerith' }).first()).toContainText('admin:germain');
  await admin.button('Verify now').click();
  await expect(page.getByText(/\d+ rows and \d+ signatures hold/)).toBeVisible();
  const [download] = await Promise.all([page.waitForEvent('download'), admin.button('Export').click()]);
  expect(readFileSync(await download.path(), 'utf8')).toContain('user.suspended');
});
