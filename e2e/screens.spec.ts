import type { Page } from '@playwright/test';
import { expectAccessible } from './support/accessibility.ts';
import { expect, test, writeScript } from './support/program.ts';
import { screenStates } from './support/states.ts';

for (const surface of ['client', 'station'] as const) {
  test(`every screen of the ${surface} is whole, accessible and free of errors`, async ({ open }) => {
    test.setTimeout(180_000);
    const { page, dataDir } = await open({ role: surface, script: {} });
    for (const name of [...Object.keys(screenStates()[surface]), 'silent']) {
      await test.step(name, async () => {
        const state = new Map<string, unknown>(Object.entries(screenStates()[surface])).get(name);
        writeScript(dataDir, state ? { [`${surface}.state`]: { ok: true, value: state } } : {});
        await expect(page.getByRole('main')).toBeVisible();
        await page.reload();
        await expect(page.getByRole('main')).toBeVisible();
        await expect(page.getByText('Letterlock does not answer')).toBeVisible({ visible: state === undefined });
        await expectWhole(page);
        await page.screenshot({ path: `test-results/screens/${surface}-${name}.png`, animations: 'disabled' });
        await expectAccessible(page);
        const errors = (await page.consoleMessages()).filter((message) => message.type() === 'error');
        expect(errors.map((message) => message.text())).toEqual([]);
        expect(await page.pageErrors()).toEqual([]);
      });
    }
  });
}

test('a badge that needs its PIN asks for it, and gives way to a name', async ({ open }) => {
  const { page } = await open({
    role: 'station',
    script: {
      'station.state': { ok: true, value: screenStates().station.welcome },
      'station.sign-in': { ok: false, code: 'pin-required', message: '' }
    }
  });
  await expect(page.getByLabel('Your name')).toBeFocused();
  // All at once, as a reader types.
  await page.evaluate(() => {
    for (const key of [...'04A1B2C3D4', 'Enter']) window.dispatchEvent(new KeyboardEvent('keydown', { key }));
  });
  await expect(page.getByText('Badge read. Now your PIN.')).toBeVisible();
  await expect(page.getByLabel('PIN', { exact: true })).toBeFocused();
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await expectWhole(page);
    await page.screenshot({ path: `test-results/screens/station-badge-${scheme}.png`, animations: 'disabled' });
    await expectAccessible(page);
  }
  await page.getByRole('button', { name: 'Use my name' }).click();
  await expect(page.getByLabel('Your name')).toBeVisible();
});

/** Nothing is wider than the window. */
async function expectWhole(page: Page): Promise<void> {
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
}
