import { defineConfig } from '@playwright/test';

/** Real Electron windows, one after the other: they share a screen. Every wait is for an event or a state, never for time. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']]
});
