import { createStore } from 'zustand/vanilla';
import type { Bridge, Failure } from '../../src-preload/contract/index.ts';
import { ask } from '../gateway/bridge.ts';

interface Pairing {
  /** Between the click and the engine's answer. */
  readonly busy: boolean;
  readonly failure: Failure | null;
  /** Address or token of a link that was opened: shown in the form, and nothing else. */
  readonly proposed: string | null;
  begin(where: string, name: string): Promise<void>;
  cancel(): Promise<void>;
}
export type PairingStore = ReturnType<typeof createPairing>;

/** Tokens name their coordinator themselves and begin with their version. */
const isToken = (where: string) => where.startsWith('ll1.');

/** Starts and stops pairing; how it goes is in the engine's state. */
export const createPairing = (bridge: Bridge) =>
  createStore<Pairing>()((set) => {
    bridge.on('pairing.link', ({ where }) => set({ proposed: where, failure: null }));
    return {
      busy: false,
      failure: null,
      proposed: null,
      begin: async (where, name) => {
        set({ busy: true, failure: null });
        const result = await ask(bridge, 'pairing.begin', {
          ...(isToken(where.trim()) ? { token: where.trim() } : { coordinator: where.trim() }),
          ...(name.trim() ? { name: name.trim() } : {})
        });
        set({ busy: false, failure: result.ok ? null : result });
      },
      cancel: async () => {
        const result = await ask(bridge, 'pairing.cancel', {});
        set({ failure: result.ok ? null : result });
      }
    };
  });
