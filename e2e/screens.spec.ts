import type { Page } from '@playwright/test';
import { expectAccessible } from './support/accessibility.ts';
import { expect, test } from './support/program.ts';
import { clientStates, stationStates } from './support/states.ts';

/** Every screen once, in every state: accessible, no error in the console, nothing wider than the window; pictures are kept. */
/** Null: an engine that does not answer. */
const surfaces = {
  client: { ...clientStates, silent: null },
  station: { ...stationStates, silent: null }
} as const;

for (const [surface, states] of Object.entries(surfaces) as ['client' | 'station', Record<string, unknown>][]) {
  for (const [name, state] of Object.entries(states)) {
    test(`${surface}: ${name}`, async ({ open }) => {
      const answer = state ? { ok: true, value: state } : { ok: false, code: 'internal', message: 'no answer' };
      const script = { answers: { [`${surface}.state`]: answer } };
      const { page } = await open({ role: surface, script });
      await expect(page.getByRole('main')).toBeVisible();
      await expectWhole(page);
      await page.screenshot({ path: `test-results/screens/${surface}-${name}.png`, animations: 'disabled' });
      await expectAccessible(page);
      const errors = (await page.consoleMessages()).filter((message) => message.type() === 'error');
      expect(errors.map((message) => message.text())).toEqual([]);
      expect(await page.pageErrors()).toEqual([]);
    });
  }
}

async function expectWhole(page: Page): Promise<void> {
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  expect(scrollWidth).toBeLessThanOrEqual(clientWidth);
}
