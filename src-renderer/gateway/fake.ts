import type { Bridge, ErrorCode, EventName, JobView, Result } from '../../src-preload/contract/index.ts';
import { clientStates, stationStates } from './fake-states.ts';

type Listener = (payload: unknown) => void;
type Answer = (input: Record<string, unknown>) => Promise<Result<unknown>> | Result<unknown>;

export interface FakeBridge extends Bridge {
  /** Calls so far, in order. */
  readonly calls: readonly { readonly procedure: string; readonly input: unknown }[];
  /** Pushes a state as the engine would. */
  push(event: EventName, payload: unknown): void;
}

export const refused = (code: ErrorCode): Result<never> => ({ ok: false, code, message: '' });
const done: Result<unknown> = { ok: true, value: {} };

/** A bridge to nothing: answers from a table. `never` as a state stands for an engine that does not answer. */
export const createFakeBridge = (
  surface: Bridge['surface'],
  answers: Readonly<Record<string, Answer>> = {}
): FakeBridge => {
  const listeners = new Map<string, Set<Listener>>();
  const calls: { procedure: string; input: unknown }[] = [];
  const call = async (procedure: string, input: unknown) => {
    calls.push({ procedure, input });
    return answers[procedure]?.(input as Record<string, unknown>) ?? done;
  };
  const on = (event: string, listener: Listener) => {
    const set = listeners.get(event) ?? new Set();
    listeners.set(event, set.add(listener));
    return () => set.delete(listener);
  };
  return {
    surface,
    calls,
    call: call as Bridge['call'],
    on: on as unknown as Bridge['on'],
    push: (event, payload) => {
      for (const listener of listeners.get(event) ?? []) listener(payload);
    }
  };
};

/** A window's bridge in one of the invented states. PIN 1234 is right, 9999 is locked; every release ends after `seconds`. */
export const createScenario = (surface: Bridge['surface'], name: string, seconds = 2): FakeBridge => {
  const now = Date.now();
  const states: Readonly<Record<string, (now: number) => unknown>> =
    surface === 'client' ? clientStates : stationStates;
  const stateOf = (wanted: string) => states[wanted]?.(now);
  const silent = () => new Promise<never>(() => undefined);
  const pin = (input: Record<string, unknown>) =>
    input.pin === '1234' ? null : refused(input.pin === '9999' ? 'pin-locked' : 'pin-wrong');
  const release: Answer = async (input) => {
    const bad = 'pin' in input ? pin(input) : null;
    if (bad) return bad;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    if (String(input.printer).endsWith('22')) return refused('printer-unreachable');
    return { ok: true, value: { state: 'completed' } as JobView };
  };
  const signedIn = (input: Record<string, unknown>) => {
    const bad = pin(input);
    if (bad) return bad;
    const value = stateOf('several');
    bridge.push('station.state', value);
    return { ok: true, value } as const;
  };
  const bridge = createFakeBridge(surface, {
    'client.state': name === 'silent' ? silent : () => ({ ok: true, value: stateOf(name) }),
    'station.state': name === 'silent' ? silent : () => ({ ok: true, value: stateOf(name) }),
    'client.release': release,
    'station.release': release,
    'station.sign-in': signedIn,
    'station.sign-out': () => {
      bridge.push('station.state', stateOf('welcome'));
      return done;
    },
    'pairing.begin': () => {
      bridge.push(`${surface}.state`, stateOf('pairing-code'));
      return done;
    },
    'pairing.cancel': () => {
      bridge.push(`${surface}.state`, stateOf('unpaired'));
      return done;
    }
  });
  return bridge;
};
