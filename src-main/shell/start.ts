import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app, type BrowserWindow, Menu, safeStorage } from 'electron';
import { systemClock } from '../base/clock.ts';
import { defaultDataRoot } from '../base/data-root.ts';
import { createLogger, type Logger } from '../base/logger.ts';
import { openEngineLink } from './engine-link.ts';
import { forkEngine } from './fork-engine.ts';
import { routeIpc } from './ipc-router.ts';
import { type LaunchOptions, readLaunchOptions } from './launch-options.ts';
import { lockDownProcess, lockDownSession } from './lock-down.ts';
import { linkAmong, linkScheme, readPairingLink } from './pairing-link.ts';
import { openSecretVault } from './safe-storage.ts';
import { registerContentScheme, serveContent } from './serve-content.ts';
import { openTray } from './tray.ts';
import { openWindow } from './windows.ts';

/** Where the built parts of the program are; absolute. */
export interface ProgramFiles {
  engine: string;
  preload: string;
  renderer: string;
  icon: string;
}

/** The program with windows: engine, one window, tray. Holds no network and no cryptography of its own. */
export function startShell(files: ProgramFiles): void {
  const logger = createLogger({ name: 'shell' });
  try {
    const { commandLine } = app;
    const options = readLaunchOptions(
      (name) => commandLine.getSwitchValue(name),
      (name) => commandLine.hasSwitch(name),
      defaultDataRoot()
    );
    registerContentScheme();
    lockDownProcess();
    const ownFolder = join(options.dataDir, options.role, 'shell');
    mkdirSync(ownFolder, { recursive: true, mode: 0o700 });
    app.setPath('userData', ownFolder);
    // One instance for each data folder and role: the lock lies in it.
    if (!app.requestSingleInstanceLock()) {
      app.exit(0);
      return;
    }
    const links = watchLinks();
    // On Linux the desktop file says it.
    if (app.isPackaged && process.platform !== 'linux' && options.role === 'client')
      app.setAsDefaultProtocolClient(linkScheme);
    // Never awaited at the top level of a module: Electron holds `ready` back until its entry is evaluated.
    app.whenReady().then(() => run(options, files, links, logger), fail);
  } catch (error) {
    fail(error);
  }

  function fail(error: unknown): void {
    logger.error({ error }, 'cannot start');
    app.exit(1);
  }
}

function run(options: LaunchOptions, files: ProgramFiles, links: Links, logger: Logger): void {
  lockDownSession();
  serveContent(files.renderer);
  setMenu(options);
  const engine = openEngineLink({
    fork: () => forkEngine(files.engine, options),
    secrets: openSecretVault(safeStorage, { platform: process.platform, logger }),
    clock: systemClock,
    logger
  });
  // One line for whoever started this program, each time that the engine answers; nobody has to listen.
  process.stdout.on('error', () => {});
  engine.onReachable((reachable) => {
    if (reachable) process.stdout.write(`${JSON.stringify({ role: options.role, pid: process.pid })}\n`);
  });
  const { surface, window } = openWindow(options, files);
  const router = routeIpc({ surface, window }, engine, logger);
  engine.onEvent((name) => {
    if (name === 'client.identify' && surface === 'client') comeForward(window);
  });
  const tray = surface === 'client' ? openTray(window, files.icon, logger) : null;

  let quitting = false;
  app.on('before-quit', () => {
    quitting = true;
  });
  window.on('close', (event) => {
    if (quitting || (!tray && !options.kiosk)) return;
    event.preventDefault();
    if (tray) window.hide(); // printing goes on in the background
  });
  app.on('will-quit', (event) => {
    event.preventDefault();
    void engine.stop().then(() => app.exit(0));
  });
  const openLink = (where: string | null) => {
    if (where === null) return window.show();
    router.showLink(where);
    comeForward(window);
  };
  links.on(openLink);
  app.on('second-instance', (_event, args) => openLink(linkAmong(args)));
  app.on('activate', () => window.show());
}

interface Links {
  /** Told of each pairing link that is opened, and of one that was opened before. */
  on(listener: (where: string) => void): void;
}

/** macOS hands links over as events, from the very start; elsewhere the first one is among the arguments. */
function watchLinks(): Links {
  let waiting = linkAmong(process.argv);
  let tell: ((where: string) => void) | undefined;
  app.on('open-url', (event, url) => {
    event.preventDefault();
    const where = readPairingLink(url);
    if (where !== null && tell) tell(where);
    else waiting = where ?? waiting;
  });
  return {
    on(listener) {
      tell = listener;
      if (waiting !== null) listener(waiting);
    }
  };
}

/** Somebody asked which printer this is (Identify-Printer): the answer is its window, wherever it was hidden. */
function comeForward(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.moveTop();
  window.flashFrame(true);
  window.once('focus', () => window.flashFrame(false));
}

/** No menu, so no accelerators either; macOS needs one for its clipboard shortcuts. */
function setMenu({ kiosk }: LaunchOptions): void {
  const needed = process.platform === 'darwin' && !kiosk;
  Menu.setApplicationMenu(
    needed ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]) : null
  );
}
