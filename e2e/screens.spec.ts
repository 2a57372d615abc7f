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

/** Nothing is wider than the window. */
async function expectWhole(page: Page): Promise<void> {
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
}
