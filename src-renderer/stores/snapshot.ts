import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Bridge, EventPayload } from '../../src-preload/contract/index.ts';
import { ask } from '../gateway/bridge.ts';

type StateName = 'client.state' | 'station.state';

export interface Snapshot<T> {
  /** `silent`: the engine did not answer the last question. What was known before stays, but is not to be trusted. */
  readonly engine: 'connecting' | 'answering' | 'silent';
  readonly state: T | null;
  refresh(): Promise<void>;
  accept(state: T): void;
}
export type SnapshotStore<T> = StoreApi<Snapshot<T>>;

const askAgainAfter = 3_000;

/**
 * The engine's state as last pushed: asked for once, then replaced as a whole by each event. While the engine is silent it is
 * asked again every few seconds, and at once when the shell says that it is back. Never edits what it was given.
 */
export const createSnapshot = <E extends StateName>(bridge: Bridge, name: E) => {
  type State = EventPayload<E>;
  let again: ReturnType<typeof setTimeout> | undefined;
  const store = createStore<Snapshot<State>>()((set, get) => ({
    engine: 'connecting',
    state: null,
    accept: (state) => {
      clearTimeout(again);
      set({ engine: 'answering', state });
    },
    refresh: async () => {
      clearTimeout(again);
      const result = await ask(bridge, name as StateName, {});
      if (result.ok) return get().accept(result.value as State);
      set({ engine: 'silent' });
      again = setTimeout(() => void get().refresh(), askAgainAfter);
    }
  }));
  const off = bridge.on(name, (state) => store.getState().accept(state));
  const offEngine = bridge.on('engine.state', ({ reachable }) => {
    if (reachable) void store.getState().refresh();
    else store.setState({ engine: 'silent' });
  });
  const close = () => {
    off();
    offEngine();
    clearTimeout(again);
  };
  return { store, close };
};
