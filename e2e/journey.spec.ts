import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { ClientPage } from './pages/client.ts';
import { StationPage } from './pages/station.ts';
import { expectAccessible } from './support/accessibility.ts';
import { expect, test } from './support/program.ts';
import { approvePairing, printedDigests, type RunningSystem, sha256, startSystem } from './support/system.ts';

/** Every document is another one, so that what comes out can be told apart; what would be on its page does not matter here. */
function document(folder: string, title: string): { title: string; file: string; digest: string } {
  const bytes = Buffer.from(`%PDF-1.4\n% ${title} ${randomBytes(32).toString('hex')}\n%%EOF\n`);
  const file = join(folder, `${title}.pdf`);
  writeFileSync(file, bytes);
  return { title, file, digest: sha256(bytes) };
}

async function show(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `test-results/screens/journey-${name}.png`, animations: 'disabled' });
  await expectAccessible(page);
}

test('from the first start of a laptop to pages in the hand', async ({ open, scratch }) => {
  test.setTimeout(300_000);
  const data = join(scratch, 'system');
  let system: RunningSystem | undefined;
  try {
    const running = await startSystem(data);
    system = running;
    const { user, printer } = running;
    const print = ({ file, title }: { file: string; title: string }) =>
      running.letterlock('submit', file, '--title', title);
    const windows = await open({ role: 'client', dataDir: data });
    const client = new ClientPage(windows.page);

    await test.step('the client pairs: two people compare six digits', async () => {
      const code = await client.pair(running.pairing, 'Laptop');
      await show(client.page, '1-client-code');
      expect(code).toMatch(/^\d{6}$/);
      await approvePairing(running, 'Laptop', code, '--owner', user.name);
      await client.expectPaired(running.organization);
      await client.expectReady();
      await show(client.page, '2-client-empty');
    });

    const [first, second, third] = ['Quarterly report', 'Payslip', 'Wrong draft'].map((title) =>
      document(scratch, title)
    );
    if (!first || !second || !third) throw new Error('three documents');

    await test.step('a document is printed, sealed and held by other machines', async () => {
      await print(first);
      await client.expectJob(first.title, 'Sealed and held');
      await expect(client.job(first.title).getByRole('list', { name: 'Held by' }).getByRole('listitem')).toHaveCount(2);
      await expect(client.page.getByText('You can close the lid')).toBeVisible();
      await show(client.page, '3-client-held');
      expect(printedDigests(printer.spoolDir)).not.toContain(first.digest);
    });

    const kiosk = await open({ role: 'station', dataDir: data });
    const station = new StationPage(kiosk.page);

    await test.step('a station pairs and welcomes', async () => {
      const code = await station.pair(running.pairing, 'Station');
      await show(station.page, '4-station-code');
      await approvePairing(running, 'Station', code);
      await station.expectWelcome();
      await show(station.page, '5-station-welcome');
    });

    await test.step('a wrong PIN is refused', async () => {
      await station.signIn(user.name, user.pin === '0000' ? '1111' : '0000');
      await expect(station.page.getByRole('alert')).toContainText('The name or the PIN is not right.');
      await show(station.page, '6-station-wrong-pin');
      await station.typePin(user.pin);
      await station.expectSignedIn(user.name);
      await show(station.page, '7-station-documents');
    });

    await test.step('the document comes out of the printer, byte for byte', async () => {
      await station.choose(first.title);
      await station.print(printer.name);
      await station.expectPrinted();
      await show(station.page, '8-station-printed');
      expect(printedDigests(printer.spoolDir)).toContain(first.digest);
      await client.expectJob(first.title, 'Printed');
      await station.expectWelcome();
    });

    await test.step('another one is released from the client window', async () => {
      await print(second);
      await client.expectJob(second.title, 'Sealed and held');
      await client.openRelease(second.title);
      await show(client.page, '9-client-release');
      await client.release(printer.name, user.pin);
      await client.expectReleased();
      expect(printedDigests(printer.spoolDir)).toContain(second.digest);
    });

    await test.step('a third one is canceled and never printed', async () => {
      await print(third);
      await client.expectJob(third.title, 'Sealed and held');
      await client.cancel(third.title);
      await client.expectJob(third.title, 'Canceled');
      await show(client.page, '10-client-finished');
      expect(printedDigests(printer.spoolDir)).not.toContain(third.digest);
    });

    await test.step('without the coordinator both windows say so and go on', async () => {
      await running.stop();
      await expect(client.page.getByRole('status', { name: 'Connection' })).toContainText('Offline', {
        timeout: 60_000
      });
      await expect(station.page.getByText('This station is offline')).toBeVisible({ timeout: 60_000 });
      await show(client.page, '11-client-offline');
      await show(station.page, '12-station-offline');
    });
  } finally {
    await system?.stop();
  }
});
