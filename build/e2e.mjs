// Runs Playwright; on Linux without a display, under xvfb-run. Usage: node build/e2e.mjs [--packaged] [playwright arguments]
import { spawnSync } from 'node:child_process';
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
const cli = createRequire(import.meta.url).resolve('@playwright/test/cli');
const command = [process.execPath, cli, 'test', ...args];
if (process.platform === 'linux' && !env.DISPLAY) command.unshift('xvfb-run', '-a', '-s', '-screen 0 1280x800x24');
const { status } = spawnSync(command[0], command.slice(1), { stdio: 'inherit', env });
process.exit(status ?? 1);
