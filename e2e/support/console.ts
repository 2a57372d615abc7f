import type { Browser, BrowserContext, Page } from '@playwright/test';
import { ConsolePage } from '../pages/console.ts';
import { complaints, test } from './browser.ts';
import { expect } from './program.ts';
import type { RunningSystem } from './system.ts';

interface Opened {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly admin: ConsolePage;
}

/** The password that an administrator of these tests chooses. */
export const ownPassword = 'correct horse battery staple';

/**
 * For the tests of one file, which follow each other: a window in which a new owner of this name is signed in. Filled before the
 * first of them; the browser may complain in none.
 */
export function openConsole(name: string): Opened {
  test.describe.configure({ mode: 'serial' });
  const opened = {} as Opened;
  let complained: () => string[] = () => [];
  test.beforeAll(async ({ browser, system }) => {
    Object.assign(opened, await signedIn(browser, system, name));
    complained = complaints(opened.page);
  });
  test.afterEach(() => expect(complained()).toEqual([]));
  test.afterAll(() => opened.context.close());
  return opened;
}

async function signedIn(browser: Browser, system: RunningSystem, name: string): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const admin = new ConsolePage(page, system.web.url);
  const given = (await system.letterlock('admin', 'admin', 'add', name, '--role', 'owner')) as { password: string };
  await admin.open();
  await admin.signIn(name, given.password);
  await admin.choosePassword(ownPassword);
  await admin.expectSignedIn(system.organization);
  return { context, page, admin };
}
