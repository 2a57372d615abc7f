import { expectAccessible } from './support/accessibility.ts';
import { expect, test, writeScript } from './support/program.ts';
import { screenStates } from './support/states.ts';

/** Strict custody: a ticket is taken on the computer that printed, and typed by a scanner at a station. */
const ticket = `LLT1.${'0123456789ABCDEFGHIJKLMNOPQRSTUV'.repeat(7).slice(0, 213)}`;

test('a ticket is shown for its PIN, and is gone with its dialog', async ({ open }) => {
  const state = { ok: true, value: screenStates().client['strict-custody'] };
  const [job] = state.value.jobs;
  const expires = new Date(Date.now() + 86_400_000).toISOString();
  const { page, dataDir } = await open({ role: 'client', script: { 'client.state': state } });
  await expect(page.getByRole('button', { name: /Take a ticket/ })).toHaveCount(1); // in strict custody only
  await page.getByRole('button', { name: 'Take a ticket for Salaries.pdf' }).click();
  const dialog = page.getByRole('dialog');
  const shoot = (name: string) =>
    page.screenshot({ path: `test-results/screens/ticket-${name}.png`, animations: 'disabled' });
  await shoot('asked');
  await expectAccessible(page);

  writeScript(dataDir, { 'client.state': state, 'client.ticket': { ok: false, code: 'pin-wrong', message: '' } });
  await dialog.getByLabel('PIN').fill('1111');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toContainText('The name or the PIN is not right');
  await expect(dialog.getByLabel('PIN')).toHaveValue('');

  const taken = { ok: true, value: { job: job?.id, expires, text: ticket } };
  writeScript(dataDir, { 'client.state': state, 'client.ticket': taken });
  await dialog.getByLabel('PIN').fill('1234');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('img', { name: 'The ticket, as a QR code' })).toBeInViewport({ ratio: 1 });
  await expect(dialog).toContainText('can sign in as you');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await shoot(colorScheme);
    await expectAccessible(page);
  }
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(dialog).toBeHidden();
  await page.getByRole('button', { name: 'Take a ticket for Salaries.pdf' }).click();
  await expect(dialog.getByLabel('PIN')).toBeVisible();
  await expect(dialog.getByRole('img', { name: 'The ticket, as a QR code' })).toHaveCount(0);
});

test('a scanner types a ticket at a station: its document is chosen, and nobody takes it for a badge', async ({
  open
}) => {
  const { station } = screenStates();
  /** Its keys, at the pace of a scanner, which Playwright's own do not always keep. */
  const scan = () =>
    page.evaluate(
      (keys) => {
        for (const key of keys) window.dispatchEvent(new KeyboardEvent('keydown', { key }));
      },
      [...ticket, 'Enter']
    );
  const { page, dataDir } = await open({
    role: 'station',
    script: { 'station.state': { ok: true, value: station.welcome } }
  });
  await page.getByLabel('Your name').fill(ticket.slice(0, 128)); // where a scanner writes, too
  await scan();
  await expect(page.getByRole('alert')).toContainText('First sign in, then show the ticket');
  await expect(page.getByLabel('Your name')).toHaveValue('');
  await page.screenshot({ path: 'test-results/screens/ticket-early.png', animations: 'disabled' });

  const signedIn = { ok: true, value: station['strict-custody'] };
  const [, , read] = signedIn.value.session?.jobs ?? [];
  writeScript(dataDir, { 'station.state': signedIn, 'station.ticket': { ok: true, value: { job: read?.id } } });
  await page.reload();
  await expect(page.getByRole('checkbox', { name: 'Salaries.pdf' })).not.toBeChecked();
  await scan();
  await expect(page.getByRole('checkbox', { name: 'Salaries.pdf' })).toBeChecked();
  await page.screenshot({ path: 'test-results/screens/ticket-read.png', animations: 'disabled' });
  await expectAccessible(page);

  writeScript(dataDir, {
    'station.state': signedIn,
    'station.ticket': { ok: false, code: 'ticket-expired', message: '' }
  });
  await scan();
  await expect(page.getByRole('alert')).toContainText('This ticket is too old');
  await page.screenshot({ path: 'test-results/screens/ticket-refused.png', animations: 'disabled' });
});
