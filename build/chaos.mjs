#!/usr/bin/env node
/**
 * `npm run chaos -- [--trials 1000] [--seed S]`: see tests/chaos/run.ts. Runs itself in network, mount and process namespaces of its
 * own (namespaces(7)): whatever ends it ends every process, mount and network of it. Needs root.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { buildIfChanged, setup } from './setup.mjs';

/** Names the folder of the run, inside its namespaces. */
const variable = 'LETTERLOCK_CHAOS_FOLDER';
const inside = process.env[variable];

if (inside) {
  const { module } = await runnerImport(new URL('../tests/chaos/run.ts', import.meta.url).pathname, {
    configFile: false,
    logLevel: 'error'
  });
  process.exit(await module.chaos(inside, process.argv.slice(2)));
} else {
  await setup();
  buildIfChanged();
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const again = [process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'letterlock-chaos-'));
  const env = { ...process.env, [variable]: folder };
  const child = spawn('setpriv', ['--pdeathsig', 'SIGKILL', 'unshare', ...namespaces, ...again], {
    stdio: 'inherit',
    env
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill('SIGKILL'));
  child.once('exit', (code) => {
    fs.rmSync(folder, { recursive: true, force: true });
    process.exitCode = code ?? 1;
  });
}
