import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ElectronApplication, Page } from '@playwright/test';
import { expect, type Program, test } from './support/program.ts';

const enginePid = (app: ElectronApplication) =>
  app.evaluate(({ app }) => app.getAppMetrics().find(({ name }) => name === 'engine')?.pid ?? null);

interface Answer {
  readonly ok: boolean;
  readonly value: { readonly virtualPrinter: { readonly uri: string } };
}

const stateOf = ({ page }: Program) =>
  page.evaluate(() =>
    (
      globalThis as unknown as { letterlock: { call(procedure: string, input: object): Promise<Answer> } }
    ).letterlock.call('client.state', {})
  );
const reachable = async (program: Program) => (await stateOf(program)).ok;

/** Resolves when a text is shown, however short. */
const appearance = (page: Page, text: string) =>
  page.evaluate(
    (wanted) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!document.body.innerText.includes(wanted)) return;
          observer.disconnect();
          resolve();
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { childList: true, subtree: true, characterData: true });
        look();
      }),
    text
  );

test('an engine that dies is started again; the window says so and recovers by itself', async ({ open }) => {
  const program = await open();
  const { app, page } = program;
  await expect(page.getByRole('heading', { name: 'Pair this computer' })).toBeVisible();
  expect(await reachable(program)).toBe(true);

  const first = await enginePid(app);
  expect(first).not.toBeNull();
  const silence = appearance(page, 'Letterlock does not answer');
  process.kill(first as number, 'SIGKILL');
  await silence;

  await expect(page.getByRole('heading', { name: 'Pair this computer' })).toBeVisible();
  await expect(page.getByText('Letterlock does not answer')).toBeHidden();
  expect(await enginePid(app)).not.toBe(first);
  expect(await reachable(program)).toBe(true);
});

test('a page whose process dies is loaded again, and leaves no dump of its memory', async ({ open }) => {
  const { app, page, dataDir } = await open();
  await expect(page.getByRole('heading', { name: 'Pair this computer' })).toBeVisible();
  const text = app.evaluate(({ app, BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    const again = new Promise<void>((resolve) => contents?.once('did-finish-load', resolve));
    process.kill(app.getAppMetrics().find(({ type }) => type === 'Tab')?.pid ?? 0, 'SIGSEGV');
    return again.then(() => contents?.executeJavaScript('document.title') as Promise<string>);
  });
  expect(await text).toBe('Letterlock');
  const files = readdirSync(dataDir, { recursive: true }).map(String);
  expect(files.filter((file) => /\.dmp$|(^|\/)core/.test(file))).toEqual([]);
});

test('SIGTERM ends the program and its engine', async ({ open }) => {
  const { app } = await open();
  const engine = await enginePid(app);
  const closed = app.waitForEvent('close');
  app.process().kill('SIGTERM');
  await closed;
  expect(() => process.kill(engine as number, 0)).toThrow('ESRCH');
});

test('one program for each data folder: a second start shows the first window', async ({ open, scratch }) => {
  const { app, dataDir } = await open();
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
  const shown = app.evaluate(
    ({ BrowserWindow }) => new Promise((resolve) => BrowserWindow.getAllWindows()[0]?.once('show', () => resolve(true)))
  );
  await expect(open({ dataDir })).rejects.toThrow();
  expect(await shown).toBe(true);
  await open({ dataDir: `${scratch}/another` });
});

test('closing the window of a client hides it, and printing goes on behind it', async ({ open }) => {
  const program = await open();
  const { app, page } = program;
  const engine = await enginePid(app);
  const visible = await app.evaluate(({ BrowserWindow }) => {
    const window = BrowserWindow.getAllWindows()[0];
    window?.close();
    return window?.isVisible();
  });
  expect(visible).toBe(false);
  expect(page.isClosed()).toBe(false);
  expect(await enginePid(app)).toBe(engine);
  expect(await reachable(program)).toBe(true);
});

test('who asks the printer to identify itself sees its window', async ({ open }) => {
  const program = await open();
  const { app } = program;
  const { virtualPrinter } = (await stateOf(program)).value;
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
  const shown = app.evaluate(
    ({ BrowserWindow }) => new Promise((resolve) => BrowserWindow.getAllWindows()[0]?.once('show', () => resolve(true)))
  );
  const { stdout } = await promisify(execFile)('ipptool', ['-t', virtualPrinter.uri, 'identify-printer-display.test']);
  expect(stdout).toContain('[PASS]');
  expect(await shown).toBe(true);
});
