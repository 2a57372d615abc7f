import { createStore } from 'zustand/vanilla';
import type { Failure, Input, Output, Procedure, Result } from '../../src-preload/contract/index.ts';
import type { Connection, Gateway, SafeProcedure } from '../gateway/gateway.ts';

/** What is known of one question. A value stays while it is asked again, and when that fails. */
export interface Read<T> {
  readonly value: T | undefined;
  readonly failure: Failure | undefined;
  /** When the value was true, milliseconds since 1970. */
  readonly at: number | undefined;
}
type AnyRead = Read<Output<SafeProcedure>>;

export interface Reads {
  readonly connection: Connection;
  readonly entries: ReadonlyMap<string, AnyRead>;
}

/** A list that changes all the time is read again no sooner than this after its last answer. */
const shortestGap = 400;

interface Entry {
  readonly procedure: SafeProcedure;
  readonly input: unknown;
  observers: number;
  stale: boolean;
  asking: boolean;
  /** Milliseconds that the last answer took. */
  took: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export const keyOf = (procedure: Procedure, input: unknown): string => `${procedure} ${JSON.stringify(input)}`;

/** What makes an answer old: changes of its own area, and of those whose names or states it shows too. */
const dependsOn = (procedure: SafeProcedure, areas: readonly string[]): boolean => {
  const area = procedure.split('.')[1] ?? '';
  if (procedure === 'console.start') return true;
  return areas.some((changed) => changed === area || related[area]?.includes(changed));
};
const related: Readonly<Record<string, readonly string[]>> = {
  mesh: ['device'],
  job: ['printer'],
  report: ['job'],
  user: ['user-rules'],
  group: ['user'],
  invitation: ['user'],
  delegate: ['user'],
  guest: ['user', 'invitation'],
  key: ['authority', 'site'],
  site: ['device', 'printer', 'job', 'key']
};

/**
 * Answers by question, shared by everything that shows them: asked when first looked at, again when something changed, never
 * edited. What nobody looks at is only remembered as old.
 */
export const createReads = (read: Gateway['read'], now: () => number = Date.now) => {
  const store = createStore<Reads>()(() => ({ connection: 'reconnecting', entries: new Map() }));
  const entries = new Map<string, Entry>();

  const ask = async (key: string, entry: Entry): Promise<void> => {
    if (entry.asking) {
      entry.stale = true;
      return;
    }
    clearTimeout(entry.timer);
    entry.timer = undefined;
    entry.asking = true;
    entry.stale = false;
    const asked = now();
    const result = (await read(entry.procedure, entry.input as Input<SafeProcedure>)) as Result<Output<SafeProcedure>>;
    entry.asking = false;
    entry.took = now() - asked;
    if (entries.get(key) !== entry) return;
    const known = store.getState().entries.get(key);
    const next: AnyRead = result.ok
      ? { value: result.value, failure: undefined, at: asked }
      : { value: known?.value, failure: result, at: known?.at };
    store.setState({ entries: new Map(store.getState().entries).set(key, next) });
    if (!result.ok) entry.stale = true;
    else if (entry.stale) soon(key, entry);
  };
  const soon = (key: string, entry: Entry) => {
    entry.stale = true;
    if (entry.observers === 0 || entry.asking || entry.timer !== undefined) return;
    entry.timer = setTimeout(() => void ask(key, entry), Math.max(shortestGap, 2 * entry.took));
  };

  return {
    store,
    /** Somebody looks at the answer until the returned function is called. */
    observe<P extends SafeProcedure>(procedure: P, input: Input<P>): () => void {
      const key = keyOf(procedure, input);
      const fresh: Entry = { procedure, input, observers: 0, stale: true, asking: false, took: 0, timer: undefined };
      const entry = entries.get(key) ?? fresh;
      entries.set(key, entry);
      entry.observers += 1;
      if (entry.stale && !entry.asking) void ask(key, entry);
      return () => {
        entry.observers -= 1;
      };
    },
    /** Asks at once, for the person who wants it or who has just changed something. */
    refresh(procedure: SafeProcedure, input: unknown = {}): Promise<void> {
      const key = keyOf(procedure, input);
      const entry = entries.get(key);
      return entry ? ask(key, entry) : Promise.resolve();
    },
    /** Areas that changed; null: all. */
    changed(areas: readonly string[] | null): void {
      for (const [key, entry] of entries) {
        if (areas === null || dependsOn(entry.procedure, areas)) soon(key, entry);
      }
    },
    connection: (connection: Connection) => store.setState({ connection }),
    /** Nothing that one person was shown is left for the next. */
    forget(): void {
      for (const { timer } of entries.values()) clearTimeout(timer);
      entries.clear();
      store.setState({ connection: 'reconnecting', entries: new Map() });
    }
  };
};
export type ReadStore = ReturnType<typeof createReads>;
