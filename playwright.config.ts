import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

/** The system's own Chromium; elsewhere an installed Chrome. */
const chromium = '/usr/bin/chromium';
const browser = existsSync(chromium) ? { launchOptions: { executablePath: chromium } } : { channel: 'chrome' };

/**
 * Real Electron windows, one after the other: they share a screen; and console and portal in a real browser. Every wait is for an
 * event or a state, never for time.
 */
/** Tests that show states which a scripted engine makes. */
const scripted = ['screens.spec.ts', 'approval.spec.ts', 'ticket.spec.ts'];

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  projects: [
    {
      name: 'windows',
      // The packaged program has no door for a scripted engine; the development runtime has no fuses set.
      testIgnore: [...(process.env.APP_BINARY ? scripted : ['packaged.spec.ts']), /console.*\.spec\.ts/]
    },
    // What a browser is served does not depend on how the windows are packaged.
    ...(process.env.APP_BINARY
      ? []
      : [
          {
            name: 'browser',
            testMatch: /console.*\.spec\.ts/,
            use: { ...browser, ignoreHTTPSErrors: true, actionTimeout: 20_000 }
          }
        ])
  ],
  timeout: 120_000,
  expect: { timeout: 15_000 },
  workers: 1,
  // A second try on a busy machine is counted and named as flaky in the report.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']]
});
