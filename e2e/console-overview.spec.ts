import { test } from './support/browser.ts';
import { openConsole } from './support/console.ts';
import { expect } from './support/program.ts';
import { expectWhole } from './support/whole.ts';

/** The first page, with two weeks behind it. */
const opened = openConsole('franklin');

test('the overview shows two weeks, and what needs somebody', async () => {
  const { page, admin } = opened;
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
  await expectWhole(page, 'overview-chart');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectWhole(page, 'overview-chart-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.unroute('**/api/rpc/admin.report.daily*');
});
