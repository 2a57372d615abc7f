import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type Page } from '@playwright/test';
import { type RunningSystem, startSystem } from './system.ts';

/** A real coordinator with its nodes, user and printer, shared by all tests of a file. */
export const test = base.extend<object, { system: RunningSystem }>({
  system: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern here
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'letterlock-browser-'));
      const system = await startSystem(folder);
      await use(system);
      await system.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
    { scope: 'worker', timeout: 180_000 }
  ]
});

/** What the browser complained of. Refusals that a test asks for are answers, not errors. */
export function complaints(page: Page): () => string[] {
  const found: string[] = [];
  page.on('pageerror', (error) => found.push(error.message));
  page.on('console', (message) => {
    const refusal = /Failed to load resource: .*(40[0-9]|429|502|ERR_(INTERNET_DISCONNECTED|FAILED))/;
    if (['error', 'warning'].includes(message.type()) && !refusal.test(message.text())) found.push(message.text());
  });
  return () => found.splice(0);
}
