import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import { type Bridge, ipcChannels } from './contract/bridge.ts';

/**
 * The whole of what a page gets from this process. It decides nothing: the shell checks who calls, what, and with which input.
 * Never exposes `ipcRenderer`, an event object or a channel name.
 */
export function exposeBridge(surface: Bridge['surface']): void {
  const bridge: Bridge = {
    surface,
    call: (procedure, input) => ipcRenderer.invoke(ipcChannels.call, procedure, input),
    on(event, listener) {
      const receive = (_event: IpcRendererEvent, name: unknown, payload: Parameters<typeof listener>[0]) => {
        if (name === event) listener(payload);
      };
      ipcRenderer.on(ipcChannels.event, receive);
      return () => {
        ipcRenderer.off(ipcChannels.event, receive);
      };
    }
  };
  contextBridge.exposeInMainWorld('letterlock', bridge);
}
