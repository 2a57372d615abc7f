import type { Page } from '@playwright/test';
import { expectAccessible } from './accessibility.ts';
import { expect } from './program.ts';

/** Nothing is wider than the window, nothing is out of reach for a screen reader; a picture is kept to be looked at. */
export async function expectWhole(page: Page, name: string): Promise<void> {
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
  const tooWide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth
  );
  expect(tooWide).toBeLessThanOrEqual(0);
  await page.screenshot({ path: `test-results/screens/console-${name}.png`, animations: 'disabled' });
  await expectAccessible(page);
}
