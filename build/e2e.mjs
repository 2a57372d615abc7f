// Runs Playwright; on Linux without a display, under xvfb-run. Usage: node build/e2e.mjs [--packaged] [playwright arguments]
// Needs what it tests: `npm run build` before, or `node build/package.mjs --e2e` for --packaged.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { ensureElectronRuntime } from './electron-runtime.mjs';

const args = process.argv.slice(2);
const env = { ...process.env };
const at = args.indexOf('--packaged');
if (at >= 0) {
  args.splice(at, 1);
  env.APP_BINARY ??= 'release/e2e/linux-unpacked/letterlock';
} else {
  ensureElectronRuntime();
}
const [needed, command] = env.APP_BINARY
  ? [env.APP_BINARY, 'node build/package.mjs --e2e']
  : ['out/main/electron.js', 'npm run build'];
if (!fs.existsSync(needed)) {
  console.error(`${needed} is missing: run \`${command}\` first.`);
  process.exit(1);
}
const cli = createRequire(import.meta.url).resolve('@playwright/test/cli');
const run = [process.execPath, cli, 'test', ...args];
if (process.platform === 'linux' && !env.DISPLAY) run.unshift('xvfb-run', '-a', '-s', '-screen 0 1280x800x24');
const { status } = spawnSync(run[0], run.slice(1), { stdio: 'inherit', env });
process.exit(status ?? 1);
