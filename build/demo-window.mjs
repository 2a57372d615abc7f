/** Starts a client or station window for the demo: Electron on the built bundle, under a virtual display where there is none. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { root, until } from './processes.mjs';
import { which } from './setup.mjs';

export async function startWindow(processes, role, dataRoot) {
  const electron = createRequire(import.meta.url)('electron');
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : []; // Chromium refuses its sandbox to root
  const args = [
    root,
    ...flags,
    `--role=${role}`,
    `--data=${dataRoot}`,
    ...(role === 'station' ? ['--window=1280x800+80+60'] : [])
  ];
  const command =
    process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY
      ? underXvfb(electron, args)
      : [electron, ...args];
  const { child } = processes.start(role, command[0], command.slice(1));
  const state = await until(dataRoot, role, () => true, { retryUntilExit: child });
  return { pid: child.pid, dataDir: path.join(dataRoot, role), virtualPrinter: state.virtualPrinter?.uri };
}

function underXvfb(electron, args) {
  if (!which('xvfb-run')) throw new Error('There is no display, and xvfb-run is not installed. Use --headless.');
  return ['xvfb-run', '-a', '-s', '-screen 0 1440x900x24', electron, ...args];
}
