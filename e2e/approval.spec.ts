import { expect, test, writeScript } from './support/program.ts';
import { screenStates } from './support/states.ts';

/** Strict custody: what is asked on the computer that printed is answered by a button there, and by nothing else. */
test('a release is approved by a button, never by a stray key or click', async ({ open }) => {
  const state = { ok: true, value: screenStates().client.approval };
  const expired = { ok: false, code: 'approval-expired', message: '' };
  const { page, dataDir } = await open({ role: 'client', script: { 'client.state': state } });
  writeScript(dataDir, { 'client.state': state, 'client.approve': expired });

  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Board minutes November.pdf');
  await expect(dialog).toContainText('Hall');
  const [decline, approve] = [dialog.getByRole('button').first(), dialog.getByRole('button').last()];
  await expect(decline).toBeFocused(); // Enter at the wrong moment prints nothing
  await page.keyboard.press('Escape');
  await page.mouse.click(5, 5);
  await expect(dialog).toBeVisible();

  await approve.click();
  await expect(dialog.getByRole('alert')).toContainText('Nobody approved the release');
  await expect(approve).toBeEnabled();
});
