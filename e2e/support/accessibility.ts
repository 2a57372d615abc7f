import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './program.ts';

/**
 * No violation of WCAG 2.1 A or AA on the present screen. Legacy mode: axe's usual way opens a blank page, which Electron cannot.
 */
export async function expectAccessible(page: Page): Promise<void> {
  // Colours are measured, so what fades in must have arrived; what turns for ever is left alone.
  await page.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(ending.map(({ finished }) => finished));
  });
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([]);
}
