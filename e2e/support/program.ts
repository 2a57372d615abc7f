import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, test as base, type ElectronApplication, errors, type Page } from '@playwright/test';

/** APP_BINARY: the packaged program. Without it, Electron's development runtime runs the built bundle of this folder. */
const binary = process.env.APP_BINARY;

export interface Program {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly dataDir: string;
}

export interface ProgramOptions {
  role?: 'client' | 'station';
  /** Kept by the caller; without it a fresh one that is removed after the test. */
  dataDir?: string;
  args?: readonly string[];
  /** A scripted engine in place of the real one (see scripted-engine.mjs): to show any state. Not when packaged. */
  script?: EngineScript;
}

/** Results by procedure. */
export type EngineScript = Record<string, unknown>;

export interface Fixtures {
  open(options?: ProgramOptions): Promise<Program>;
  /** A fresh folder for one test. */
  scratch: string;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern here
  scratch: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'letterlock-e2e-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  },

  open: async ({ scratch }, use, testInfo) => {
    const running: Program[] = [];
    await use(async ({ role = 'client', dataDir, args = [], script } = {}) => {
      const data = dataDir ?? mkdtempSync(join(scratch, `${role}-`));
      if (script) writeScript(data, script);
      const program = script ? scriptedProgram(scratch) : '.';
      const switches = ['--disable-gpu', `--role=${role}`, `--data=${data}`, '--os-printer=off', ...args];
      const launch = () =>
        _electron.launch({
          timeout: attachTimeout,
          ...(binary ? { executablePath: resolve(binary), args: switches } : { args: [program, ...switches] })
        });
      const started = { ...(await attached(launch)), dataDir: data };
      running.push(started);
      return started;
    });
    for (const [index, { app, page }] of running.entries()) {
      if (testInfo.status !== testInfo.expectedStatus && !page.isClosed()) {
        await page.screenshot({ path: testInfo.outputPath(`window-${index}.png`) }).catch(() => {});
      }
      await app.close();
    }
  }
});

const attachTimeout = 20_000;

/**
 * The program and its window. A packaged program cannot be held back until Playwright listens; on a busy machine its window may
 * be made just while Playwright attaches, which then never hears of it. Such a start is given up and made again, twice at most;
 * a program that shows no window at all fails each time.
 */
async function attached(launch: () => Promise<ElectronApplication>): Promise<{ app: ElectronApplication; page: Page }> {
  for (let attempt = 1; ; attempt++) {
    let app: ElectronApplication | undefined;
    try {
      app = await launch(); // ends the program itself when it gives up
      return { app, page: await app.firstWindow({ timeout: attachTimeout }) };
    } catch (error) {
      app?.process().kill('SIGKILL');
      if (!binary || attempt === 3 || !(error instanceof errors.TimeoutError)) throw error;
      console.warn('Playwright did not attach; the program is started again');
    }
  }
}

export { expect } from '@playwright/test';

/** What the scripted engine of this folder answers from now on. */
export function writeScript(dataDir: string, script: EngineScript): void {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, 'engine-script.json'), JSON.stringify(script));
}

/** A copy of the built program whose engine is the scripted one, so that the program itself needs no door for tests. */
function scriptedProgram(scratch: string): string {
  const folder = join(scratch, 'program');
  cpSync('out', join(folder, 'out'), { recursive: true, filter: (source) => !source.endsWith('.map') });
  cpSync('package.json', join(folder, 'package.json'));
  cpSync(join(import.meta.dirname, 'scripted-engine.mjs'), join(folder, 'out/main/engine.js'));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  return folder;
}
