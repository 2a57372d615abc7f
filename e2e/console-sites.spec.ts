import { test } from './support/browser.ts';
import { openConsole } from './support/console.ts';
import { expect } from './support/program.ts';
import { expectWhole } from './support/whole.ts';

/** Sites: nothing asks for one while there is only one; from the second on, everything says where it belongs. */
const opened = openConsole('mayer');

test('nobody is asked for a site while there is only one', async () => {
  const { page, admin } = opened;
  await admin.goTo('Sites');
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.getByRole('row').last().getByRole('button').click();
  await expect(page.getByText('The organization began with this one. It stays.')).toBeVisible();
  await expect(admin.button('Remove')).toHaveCount(0);
  await admin.closeRow();
  await admin.goTo('Devices');
  await expect(admin.row('node-1')).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'Site' })).toHaveCount(0);
  await admin.goTo('Printers');
  await admin.button('Add a printer').click();
  await expect(page.getByRole('dialog').getByRole('combobox')).toHaveCount(0);
  await page.keyboard.press('Escape');
});

test('a site is made by keyboard, with an id that its name proposes, and renamed', async () => {
  const { page, admin } = opened;
  await admin.goTo('Sites');
  await admin.button('Add a site').press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Add a site' });
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toBeFocused();
  await page.keyboard.type('Zürich, Haus 2');
  await expect(dialog.getByRole('textbox', { name: 'Id' })).toHaveValue('zurich-haus-2');
  await expectWhole(page, 'new-site');
  await dialog.getByRole('textbox', { name: 'Id' }).fill('main');
  await expect(dialog.getByText('Another site has this id.')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Id' }).fill('zurich');
  await page.keyboard.press('Enter');
  await admin.expectNotice('The site Zürich, Haus 2 is there');

  const panel = await admin.openRow('Zürich, Haus 2');
  await panel.getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('dialog', { name: 'Rename Zürich, Haus 2' }).getByRole('textbox').fill('Zürich');
  await page.keyboard.press('Enter');
  await admin.expectNotice('The site is called Zürich now');
  await admin.closeRow();
  await expect(admin.row('Zürich')).toContainText('zurich');
  await expectWhole(page, 'sites-two');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectWhole(page, 'sites-two-dark');
  await page.emulateMedia({ colorScheme: 'light' });

  await admin.goTo('Keys');
  await expect(page.getByRole('listitem').filter({ hasText: /Epoch \d+, Zürich/ })).toContainText('For new jobs');
  await page.getByRole('button', { name: 'New key for Zürich' }).click();
  await admin.confirm('Make a new release key for Zürich?', 'New key');
  await expect(page.getByRole('listitem').filter({ hasText: /Epoch \d+, Zürich/ })).toHaveCount(2);
  await expectWhole(page, 'keys-sites');
});

test('machines and printers move there, and are found there', async ({ system }) => {
  const { page, admin } = opened;
  await admin.goTo('Devices');
  const panel = await admin.openRow('node-3');
  await panel.getByRole('button', { name: 'Move to site…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Where is node-3 now?' });
  await expect(dialog.getByRole('combobox', { name: 'Site' })).toHaveValue('zurich');
  await expectWhole(page, 'move-device');
  await dialog.getByRole('button', { name: 'Move', exact: true }).click();
  await admin.expectNotice('Moved to Zürich');
  await admin.closeRow();
  await expect(admin.row('node-3')).toContainText('Zürich');
  await page.getByRole('combobox', { name: 'Any site' }).selectOption('Zürich');
  await expect(page.getByRole('row')).toHaveCount(2);
  await expectWhole(page, 'devices-site');

  await admin.goTo('Printers');
  await admin.choose(system.printer.name);
  await page.getByRole('toolbar').getByRole('button', { name: 'Move to site…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Move', exact: true }).click();
  await admin.expectNotice('Moved to Zürich');
  await expect(admin.row(system.printer.name)).toContainText('Zürich');

  await admin.goTo('Mesh');
  await expect(page.getByRole('list', { name: 'Nodes' }).getByRole('listitem')).toHaveCount(3);
  await expect(page.getByRole('listitem').filter({ hasText: 'node-3' })).toContainText('Zürich');
  await expect(page.getByRole('listitem').filter({ hasText: 'node-3' })).toContainText('free');
  await expectWhole(page, 'mesh-sites');

  await admin.goTo('Policy');
  await admin.button('New exception').click();
  await page.getByRole('combobox', { name: 'Where' }).selectOption('site');
  await page.getByRole('combobox', { name: 'A site' }).selectOption('Zürich');
  await page.keyboard.press('Escape');

  await admin.goTo('Tokens');
  await admin.button('New enrollment token').click();
  await page.getByRole('combobox', { name: 'What joins' }).selectOption('node');
  await page.getByRole('combobox', { name: 'Site' }).selectOption('Zürich');
  await page.getByRole('checkbox', { name: 'Cloud node' }).check();
  await expectWhole(page, 'token-site');
  await admin.button('Make it').click();
  await admin.button('I have kept it').click();
  const token = page.getByRole('listitem').filter({ hasText: 'Zürich' });
  await expect(token).toContainText('Cloud node');

  // What is in use stays.
  await admin.goTo('Sites');
  await admin.openRow('Zürich');
  await expect(page.getByText(/^It can be removed when no machine/)).toBeVisible();
  await expectWhole(page, 'site-in-use');
  await page.getByRole('dialog').getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'Devices' })).toBeVisible();
  await expect(page.getByRole('row')).toHaveCount(2);
});

test('an empty site is removed, unless a token still names it', async ({ system }) => {
  const { page, admin } = opened;
  await admin.goTo('Devices');
  const panel = await admin.openRow('node-3');
  await panel.getByRole('button', { name: 'Move to site…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Move', exact: true }).click();
  await expect(panel).not.toContainText('Zürich');
  await admin.closeRow();
  await admin.goTo('Printers');
  await admin.choose(system.printer.name);
  await page.getByRole('toolbar').getByRole('button', { name: 'Move to site…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Move', exact: true }).click();
  await expect(admin.row(system.printer.name)).not.toContainText('Zürich');

  await admin.goTo('Sites');
  const site = await admin.openRow('Zürich');
  await site.getByRole('button', { name: 'Remove' }).click();
  await admin.confirm('Remove the site Zürich?', 'Remove');
  await expect(site.getByRole('alert')).toContainText('tokens: 1');
  await expectWhole(page, 'site-refused');
  await admin.closeRow();
  await admin.goTo('Tokens');
  await page.getByRole('listitem').filter({ hasText: 'Zürich' }).getByRole('button', { name: 'Revoke' }).click();
  await admin.confirm('Revoke this token?', 'Revoke');
  await admin.expectNotice('The token is revoked');
  await admin.goTo('Sites');
  await (await admin.openRow('Zürich')).getByRole('button', { name: 'Remove' }).click();
  await admin.confirm('Remove the site Zürich?', 'Remove');
  await admin.expectNotice('The site Zürich is removed');
  await expect(page.getByRole('row')).toHaveCount(2);
});

test('a node is made a cloud node, and a node like the others again', async () => {
  const { page, admin } = opened;
  await admin.goTo('Devices');
  const panel = await admin.openRow('node-3');
  await panel.getByRole('button', { name: 'Make it a cloud node' }).click();
  await expectWhole(page, 'cloud-question');
  await admin.confirm('Is node-3 outside of your network?', 'Make it a cloud node');
  await admin.expectNotice('node-3 is a cloud node now');
  await expectWhole(page, 'cloud-node');
  await admin.closeRow();
  await page.getByRole('combobox', { name: 'Any role' }).selectOption('Cloud node');
  await expect(page.getByRole('row')).toHaveCount(2);
  await admin.openRow('node-3');
  await panel.getByRole('button', { name: 'No cloud node any more' }).click();
  await admin.confirm('Is node-3 inside of your network?', 'No cloud node any more');
  await admin.expectNotice('node-3 is a node like the others now');
  await admin.closeRow();
});

test('the policy lets stations stand in for hours, and jobs lie on cloud nodes', async () => {
  const { page, admin } = opened;
  await admin.goTo('Policy');
  await expect(page.getByLabel('For how many hours')).toHaveCount(0);
  await page.getByRole('checkbox', { name: 'Stations may release without the coordinator' }).check();
  await expect(page.getByLabel('For how many hours')).toHaveValue('8');
  await page.getByLabel('For how many hours').fill('73');
  await expect(admin.button('Save')).toBeDisabled();
  await page.getByLabel('For how many hours').fill('12');
  await page.getByRole('checkbox', { name: 'Jobs may lie on cloud nodes' }).check();
  await expectWhole(page, 'policy-offline');
  await admin.button('Save').click();
  await admin.expectNotice('The policy is in force');
  await page.reload();
  await expect(page.getByLabel('For how many hours')).toHaveValue('12');
  await page.getByRole('checkbox', { name: 'Stations may release without the coordinator' }).uncheck();
  await page.getByRole('checkbox', { name: 'Jobs may lie on cloud nodes' }).uncheck();
  await admin.button('Save').click();
  await admin.expectNotice('The policy is in force');
});
