import { app, type BrowserWindow, Menu, Tray } from 'electron';
import type { Logger } from '../base/logger.ts';

/** The client's icon in the tray: Show, Quit. Returns null where the desktop has no tray; then closing the window quits. */
export function openTray(window: BrowserWindow, icon: string, logger: Logger): Tray | null {
  try {
    const tray = new Tray(icon);
    tray.setToolTip('Letterlock');
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: 'Show Letterlock', click: () => window.show() },
        { type: 'separator' },
        { label: 'Quit', click: () => app.quit() }
      ])
    );
    tray.on('click', () => window.show());
    return tray;
  } catch (error) {
    logger.warn({ error }, 'no tray here');
    return null;
  }
}
