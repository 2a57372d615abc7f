import { readFileSync } from 'node:fs';
import { test } from './support/browser.ts';
import { openConsole } from './support/console.ts';
import { expect } from './support/program.ts';
import { expectWhole } from './support/whole.ts';

/** The users page: adding, finding, suspending, saving; and what others do meanwhile. */
const opened = openConsole('easley');

test('users are added, found, suspended together, and saved as CSV', async ({ system }) => {
  const { page, admin } = opened;
  await admin.goTo('Users');
  await expect(admin.row(system.user.name)).toBeVisible();
  const before = await page.getByRole('row').count();
  await admin.addUser('=ada', '271828');
  await admin.addUser('grace');
  await admin.addUser('Grażyna');
  await expect(page.getByRole('row')).toHaveCount(before + 3);

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
  const { page, admin } = opened;
  await admin.goTo('Users');
  await system.letterlock('admin', 'user', 'add', 'from-elsewhere');
  await expect(admin.row('from-elsewhere')).toBeVisible();

  await opened.context.setOffline(true);
  await expect(page.getByText('Connecting again')).toBeVisible();
  await expectWhole(page, 'reconnecting');
  await system.letterlock('admin', 'user', 'add', 'meanwhile');
  await opened.context.setOffline(false);
  await expect(admin.row('meanwhile')).toBeVisible({ timeout: 40_000 });
  await expect(page.getByText('Connecting again')).toBeHidden();
});
