import { test } from './support/browser.ts';
import { openConsole } from './support/console.ts';
import { expect } from './support/program.ts';
import { expectWhole } from './support/whole.ts';

/** The jobs page, with many jobs. */
const opened = openConsole('herschel');

test('ten thousand rows scroll as ten do', async () => {
  const { page, admin } = opened;
  const at = (minute: number) => new Date(Date.UTC(2030, 0, 1, 0, minute)).toISOString();
  const jobs = Array.from({ length: 10_000 }, (_, n) => ({
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    state: n % 3 === 0 ? 'held' : 'completed',
    owner: `person ${n}`,
    size: n * 1_000,
    created: at(-n),
    expires: at(n),
    holders: [],
    printer: null,
    grant: null
  }));
  await page.route('**/api/rpc/admin.job.list*', (route) => route.fulfill({ json: { ok: true, value: jobs } }));
  await admin.goTo('Jobs');
  await expect(page.getByText('10,000 rows').or(page.getByText('10000 rows'))).toBeVisible();
  expect(await page.getByRole('row').count()).toBeLessThan(80);
  await page.getByRole('region', { name: 'Jobs' }).focus();
  await page.keyboard.press('End');
  await expect(page.getByText(/^person 9999/)).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search' }).fill('person 4321');
  await expect(page.getByRole('row')).toHaveCount(2);
  await page.getByRole('searchbox', { name: 'Search' }).fill('');
  await expectWhole(page, 'ten-thousand');
  await page.unroute('**/api/rpc/admin.job.list*');
});

test('jobs beyond the newest are a page away', async () => {
  const { page, admin } = opened;
  const job = (n: number) => ({
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    state: 'completed',
    owner: `person ${n}`,
    size: 1_000,
    created: '2030-01-01T00:00:00.000Z',
    expires: '2030-01-02T00:00:00.000Z',
    holders: [],
    printer: null,
    grant: null,
    suspended: false
  });
  await page.route('**/api/rpc/admin.job.list*', (route) => {
    const { before } = JSON.parse(new URL(route.request().url()).searchParams.get('input') ?? '{}');
    const value = before === undefined ? Array.from({ length: 500 }, (_, n) => job(n)) : [job(500)];
    return before === undefined || before === job(499).id
      ? route.fulfill({ json: { ok: true, value } })
      : route.abort();
  });
  await admin.open('jobs');
  await page.reload(); // what it knew of jobs is forgotten
  await admin.button('Older jobs').click();
  await expect(page.getByRole('button', { name: 'person 500' })).toBeVisible();
  await expect(admin.button('Older jobs')).toBeHidden();
  await admin.button('Newest jobs').click();
  await expect(page.getByText(/^person 0$/)).toBeVisible();
  await page.unroute('**/api/rpc/admin.job.list*');
  await page.reload();
});
