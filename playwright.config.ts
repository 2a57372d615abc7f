import { defineConfig } from '@playwright/test';

/** Real Electron windows, one after the other: they share a screen. Every wait is for an event or a state, never for time. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // The packaged program has no door for a scripted engine; the development runtime has no fuses set.
  testIgnore: process.env.APP_BINARY ? 'screens.spec.ts' : 'packaged.spec.ts',
  timeout: 120_000,
  expect: { timeout: 15_000 },
  workers: 1,
  // A second try on a busy machine is counted and named as flaky in the report.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']]
});
