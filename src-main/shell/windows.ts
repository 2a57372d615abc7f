import { BrowserWindow, type BrowserWindowConstructorOptions, powerSaveBlocker, screen } from 'electron';
import type { Bridge } from '../../src-preload/contract/index.ts';
import { pageUrl } from './app-content.ts';
import type { LaunchOptions } from './launch-options.ts';

export interface SurfaceWindow {
  readonly surface: Bridge['surface'];
  readonly window: BrowserWindow;
}

interface Files {
  /** Folder of the built preload scripts. */
  preload: string;
  icon: string;
}

/** Before a page whose process died is loaded again, in milliseconds. */
const reloadDelay = 1_000;

/** Opens the one window of this program: the client's, or the station's, in kiosk mode or not. */
export function openWindow({ role, kiosk, bounds }: LaunchOptions, files: Files): SurfaceWindow {
  const window = new BrowserWindow({
    title: 'Letterlock',
    icon: files.icon,
    show: false,
    backgroundColor: '#ffffff',
    autoHideMenuBar: true,
    ...(kiosk ? kioskOptions() : { width: 1080, height: 760, minWidth: 480, minHeight: 480, ...bounds }),
    webPreferences: {
      preload: `${files.preload}/${role}.cjs`,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      enableWebSQL: false,
      navigateOnDragDrop: false,
      devTools: !kiosk
    }
  });
  if (kiosk) holdKiosk(window);
  window.once('ready-to-show', () => window.show());
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') setTimeout(() => window.isDestroyed() || window.webContents.reload(), reloadDelay);
  });
  void window.loadURL(pageUrl(role));
  return { surface: role, window };
}

/** Without a window manager only a window at 0,0 fills the screen. */
function kioskOptions(): BrowserWindowConstructorOptions {
  const { width, height } = screen.getPrimaryDisplay().bounds;
  return { x: 0, y: 0, width, height, kiosk: true, fullscreen: true, frame: false, skipTaskbar: true };
}

/** Stays in front, full screen, at one size, awake; a station has no keyboard shortcuts. */
function holdKiosk(window: BrowserWindow): void {
  const { webContents } = window;
  window.setAlwaysOnTop(true, 'screen-saver');
  window.on('leave-full-screen', () => window.setKiosk(true));
  webContents.on('did-finish-load', () => void webContents.setVisualZoomLevelLimits(1, 1));
  webContents.on('zoom-changed', () => webContents.setZoomFactor(1));
  webContents.on('before-input-event', (event, { control, meta, alt, key }) => {
    const typing = key.length === 1 && control === alt; // AltGr arrives as control and alt together
    const editing = control && !alt && ['a', 'c', 'v', 'x'].includes(key.toLowerCase());
    if (meta || ((control || alt) && !typing && !editing) || /^F\d+$/.test(key)) event.preventDefault();
  });
  const blocker = powerSaveBlocker.start('prevent-display-sleep');
  window.on('closed', () => powerSaveBlocker.stop(blocker));
}
