import { type IpcMainInvokeEvent, ipcMain } from 'electron';
import { type Caller, type EventName, events, ipcChannels } from '../../src-preload/contract/index.ts';
import { failure, LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { pageUrl } from './app-content.ts';
import type { EngineLink } from './engine-link.ts';
import { routeCall } from './route-call.ts';
import type { SurfaceWindow } from './windows.ts';

const callerOf: Record<SurfaceWindow['surface'], Caller> = { client: 'client-window', station: 'station-window' };

interface Router {
  /** Has the window show where a link says that this machine should pair. */
  showLink(where: string): void;
}

/** The only user of `ipcMain`. Who calls is known from the frame that sent the message; it is checked before anything else. */
export function routeIpc({ surface, window }: SurfaceWindow, engine: EngineLink, logger: Logger): Router {
  const caller = callerOf[surface];

  const isOurPage = ({ sender, senderFrame }: IpcMainInvokeEvent) =>
    sender === window.webContents && senderFrame === sender.mainFrame && senderFrame.url === pageUrl(surface);

  const send = (name: EventName, payload: unknown) => {
    const allowed: readonly Caller[] = events[name].callers;
    if (!allowed.includes(caller) || window.isDestroyed()) return;
    const parsed = events[name].payload.safeParse(payload);
    if (parsed.success) window.webContents.send(ipcChannels.event, name, parsed.data);
    else logger.error({ name }, 'engine sent an event that the contract does not know like this');
  };

  ipcMain.handle(ipcChannels.call, async (event, procedure: unknown, input: unknown) => {
    if (!isOurPage(event)) {
      logger.warn({ url: event.senderFrame?.url }, 'call from a foreign frame refused');
      return failure(new LetterlockError('not-allowed'));
    }
    return await routeCall(caller, procedure, input, { engine, logger });
  });
  engine.onEvent((name, payload) => {
    if (Object.hasOwn(events, name)) send(name as EventName, payload);
  });
  engine.onReachable((reachable) => send('engine.state', { reachable }));
  return {
    showLink(where) {
      const { webContents } = window;
      const show = () => send('pairing.link', { where });
      // A page that still loads would miss it.
      if (webContents.isLoading()) webContents.once('did-finish-load', show);
      else show();
    }
  };
}
