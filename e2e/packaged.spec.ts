import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from './support/program.ts';

/** The doors that Electron leaves open in development are closed in what is shipped. */
const binary = resolve(process.env.APP_BINARY ?? '');

test('it is the packaged program, from its archive', async ({ open }) => {
  const { app } = await open();
  const found = await app.evaluate(({ app }) => ({ packaged: app.isPackaged, path: app.getAppPath() }));
  expect(found).toEqual({ packaged: true, path: expect.stringMatching(/resources[\\/]app\.asar$/) });
});

test('it cannot be used as a plain Node, nor be given code by the environment', async ({ scratch }) => {
  const trap = join(scratch, 'trap.cjs');
  writeFileSync(trap, `process.stdout.write('foreign code ran'); process.exit(0)`);
  for (const env of [{ ELECTRON_RUN_AS_NODE: '1' }, { NODE_OPTIONS: `--require ${trap}` }]) {
    // An unknown role: the program itself refuses it and ends, if it is the program that starts.
    const run = promisify(execFile)(binary, [trap, '--no-sandbox', '--role=nobody'], {
      env: { ...process.env, ...env }
    });
    const { code, stdout } = await run.catch((error) => error);
    expect(stdout).not.toContain('foreign code ran');
    expect(code).toBe(1);
  }
});
