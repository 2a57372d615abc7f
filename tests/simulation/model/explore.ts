/**
 * Visits every state that a model can come into, breadth first, and checks each. The first violation that it meets is one of the
 * shortest, so its trace is as short as can be. Afterwards it looks from which states a final one can still be reached without any fault.
 */
export interface Model<State> {
  readonly initial: State;
  steps(state: State): Iterable<Step<State>>;
  /** The same for two states if and only if nothing tells them apart. */
  key(state: State): string | number;
  /** What must never be and is; null: all is well. */
  violation(state: State): string | null;
  /** All is over, and nothing is left to be done. */
  isFinal(state: State): boolean;
}

export interface Step<State> {
  readonly name: string;
  readonly to: State;
  /** Bad luck: it may happen, and nothing may depend on it. */
  readonly fault?: boolean;
}

export interface Explored {
  readonly states: number;
  readonly steps: number;
  /** Steps from the initial state to the farthest one. */
  readonly depth: number;
  readonly finals: number;
  /** A shortest way to a state that must not be. */
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | null;
  /** A shortest way to a state from which no final one can be reached. */
  readonly stuck: readonly string[] | null;
}

/** Throws when there are more than `most` states: then nothing is proved. */
export function explore<State>(model: Model<State>, most = 3_000_000): Explored {
  const indexes = new Map<string | number, number>();
  /** States that were found and not yet looked at. They come in the order of their indexes, so nothing else is kept of them. */
  let wave: State[] = [];
  let next: State[] = [];
  const parents: number[] = [];
  const names: string[] = [];
  const finals: number[] = [];
  const edgesFrom: number[] = [];
  const edgesTo: number[] = [];
  let steps = 0;

  const traceTo = (index: number): string[] => {
    const trace: string[] = [];
    for (let at = index; at > 0; at = parents[at] ?? 0) trace.push(names[at] ?? '');
    return trace.reverse();
  };
  const enter = (state: State, parent: number, name: string): number => {
    const key = model.key(state);
    const known = indexes.get(key);
    if (known !== undefined) return known;
    const index = indexes.size;
    if (index >= most) throw new Error(`more than ${most} states`);
    indexes.set(key, index);
    parents.push(parent);
    names.push(name);
    next.push(state);
    return index;
  };

  const found = (what: string, index: number, depth: number): Explored => ({
    ...{ states: indexes.size, steps, depth, finals: finals.length, stuck: null },
    violation: { what, trace: traceTo(index) }
  });

  enter(model.initial, 0, '');
  let depth = 0;
  for (let index = 0; next.length > 0; depth += 1) {
    [wave, next] = [next, []];
    for (const state of wave) {
      const what = model.violation(state);
      if (what) return found(what, index, depth);
      if (model.isFinal(state)) finals.push(index);
      for (const { name, to, fault } of model.steps(state)) {
        steps += 1;
        const target = enter(to, index, name);
        if (fault) continue;
        edgesFrom.push(index);
        edgesTo.push(target);
      }
      index += 1;
    }
  }
  const stuck = firstWithout(indexes.size, edgesFrom, edgesTo, finals);
  const result = { states: indexes.size, steps, depth: depth - 1, finals: finals.length, violation: null };
  return { ...result, stuck: stuck === null ? null : traceTo(stuck) };
}

/** The first of `count` states from which none of `goals` can be reached; null: there is none. */
function firstWithout(
  count: number,
  from: readonly number[],
  to: readonly number[],
  goals: readonly number[]
): number | null {
  const starts = new Uint32Array(count + 2);
  for (const target of to) starts[target + 2] = (starts[target + 2] ?? 0) + 1;
  for (let at = 2; at < starts.length; at += 1) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
  const sources = new Uint32Array(to.length);
  for (const [edge, target] of to.entries()) {
    const place = starts[target + 1] ?? 0;
    sources[place] = from[edge] ?? 0;
    starts[target + 1] = place + 1;
  }
  const reaches = new Uint8Array(count);
  const open = [...goals];
  for (const goal of goals) reaches[goal] = 1;
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (let at = starts[state] ?? 0; at < (starts[state + 1] ?? 0); at += 1) {
      const source = sources[at] ?? 0;
      if (reaches[source]) continue;
      reaches[source] = 1;
      open.push(source);
    }
  }
  const first = reaches.indexOf(0);
  return first < 0 ? null : first;
}
