import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from './support/browser.ts';
import { openConsole } from './support/console.ts';
import { expect } from './support/program.ts';
import { expectWhole } from './support/whole.ts';

/** Machines that join: by a code that is compared, by a token. */
const opened = openConsole('clarke');

test('a machine joins once its code was compared', async ({ system }) => {
  const { page, admin } = opened;
  await admin.goTo('Approvals');
  const folder = mkdtempSync(join(tmpdir(), 'letterlock-joining-'));
  const machine = await system.join(folder, 'node', 'attic');
  const card = page.getByRole('listitem', { name: 'attic' });
  await expect(card.getByRole('img', { name: 'Pairing code' })).toHaveAttribute('data-code', machine.code);
  await expectWhole(page, 'approval');
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
  await expectWhole(page, 'device');
  await page.getByRole('dialog', { name: 'attic' }).getByRole('button', { name: 'Revoke' }).click();
  await admin.confirm('Revoke attic?', 'Revoke');
  await admin.expectNotice('The device is revoked');
  await page.keyboard.press('Escape');
  await expect(admin.row('attic')).toContainText('Revoked');
});

test('an enrollment token is shown once', async () => {
  const { page, admin } = opened;
  await admin.goTo('Tokens');
  await admin.button('New enrollment token').click();
  await admin.button('Make it').click();
  const dialog = page.getByRole('dialog', { name: 'The enrollment token' });
  await expect(dialog.getByText(/^ll1\./)).toBeVisible();
  await expectWhole(page, 'token');
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'I have kept it' }).click();
  await expect(page.getByText(/ll1\./)).toHaveCount(0);
  await expect(page.getByRole('listitem').filter({ hasText: '0 of 1 used' })).toBeVisible();
});
