/** Client and station windows of the demo: Electron on the built bundle, on a virtual display where there is none. */
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';
import { firstLine, letterlock, root } from './processes.mjs';
import { which } from './setup.mjs';

const places = { client: '1080x760+20+40', station: '1280x800+140+90' };

/** Resolves when the window's engine answers: `{ pid, dataDir, virtualPrinter }`. */
export async function startWindow(processes, role, dataRoot) {
  const electron = createRequire(import.meta.url)('electron');
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : []; // Chromium refuses its sandbox to root
  const args = [
    ...flags,
    root,
    `--role=${role}`,
    `--data=${dataRoot}`,
    `--window=${places[role]}`,
    '--os-printer=off',
    '--admit-print-system'
  ];
  const env = { ...process.env, ...(await display(processes)) };
  const { pid } = await processes.startReady(role, electron, args, { env });
  const state = await letterlock(dataRoot, ['state', '--role', role]);
  return { pid, dataDir: path.join(dataRoot, role), virtualPrinter: state.virtualPrinter?.uri };
}

let virtualDisplay;

/** The screen that there is, or one virtual screen for all windows. */
function display(processes) {
  if (process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return {};
  virtualDisplay ??= startXvfb(processes);
  return virtualDisplay;
}

async function startXvfb(processes) {
  const xvfb = which('Xvfb');
  if (!xvfb) throw new Error('There is no display, and Xvfb is not installed. Use --headless.');
  const { child } = processes.start(
    'Xvfb',
    xvfb,
    ['-displayfd', '1', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'],
    { readyLine: true }
  );
  return { DISPLAY: `:${await firstLine(readline.createInterface({ input: child.stdout }))}` };
}
