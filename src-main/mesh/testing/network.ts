import type { DeviceId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';

/**
 * A network and its time, for simulations: requests and answers between machines that are functions. Everything that happens
 * follows from the seed. Nothing here waits for real time. Not for anything shipped.
 */
export interface SimulatedNetwork {
  /** What each may change while it runs. */
  readonly faults: Faults;
  readonly traffic: { messages: number; bytes: number };
  readonly random: () => number;
  /** Simulated milliseconds since the Unix epoch. */
  now(): number;
  /** The time as a machine sees it whose clock is off by `skew` ms. */
  clock(skew?: number): Clock;
  /** `receive` is its listener; absent: it only sends. A machine that attaches again has restarted. */
  attach(id: DeviceId, receive?: (from: DeviceId, message: unknown) => Promise<unknown>): Endpoint;
  /** Machines of different groups don't hear each other; whoever is in none is with those who are in none. */
  partition(...groups: readonly (readonly DeviceId[])[]): void;
  heal(): void;
  /** Lets so much time pass. */
  run(ms: number): Promise<void>;
}

export interface Endpoint {
  /** Rejects with `node-unreachable` when nobody listens there; never settles when a message was lost. */
  send(to: DeviceId, message: unknown): Promise<unknown>;
  /** From now on it neither hears nor says anything. `refuses`: its host still answers that nobody listens. */
  crash(options?: { readonly refuses?: boolean }): void;
}

export interface Faults {
  /** Of each message, a request or its answer: 0 ≤ x ≤ 1. */
  loss: number;
  duplication: number;
  /** Milliseconds, uniformly between. A wide range reorders. */
  delay: readonly [least: number, most: number];
  /** Counts bytes too, which costs time. */
  measured: boolean;
}

export function createNetwork(seed: number, start = Date.UTC(2026, 0, 1)): SimulatedNetwork {
  const random = seeded(seed);
  const events = createEvents(start);
  const faults: Faults = { loss: 0, duplication: 0, delay: [0.2, 2], measured: false };
  const traffic = { messages: 0, bytes: 0 };
  const machines = new Map<DeviceId, Machine>();
  let groups = new Map<DeviceId, number>();

  const isApart = (one: DeviceId, other: DeviceId): boolean => (groups.get(one) ?? -1) !== (groups.get(other) ?? -1);
  const pass = (message: unknown, arrive: () => void): void => {
    traffic.messages += 1;
    if (faults.measured) traffic.bytes += JSON.stringify(message)?.length ?? 0;
    const copies = random() < faults.duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (random() < faults.loss) continue;
      const [least, most] = faults.delay;
      events.after(least + random() * (most - least), arrive);
    }
  };

  return {
    faults,
    traffic,
    random,
    now: events.now,
    clock: (skew = 0) => ({ now: () => events.now() + skew, after: events.after }),
    attach(id, receive) {
      const machine: Machine = { state: 'up', receive };
      machines.set(id, machine);
      return {
        send: (to, message) =>
          new Promise((resolve, reject) => {
            const deaf = (): boolean => machine.state !== 'up' || machines.get(id) !== machine || isApart(id, to);
            if (deaf()) return;
            pass(message, () => {
              const other = machines.get(to);
              if (isApart(id, to) || other?.state === 'gone') return;
              if (other?.state !== 'up' || !other.receive) {
                pass({}, () => deaf() || reject(new LetterlockError('node-unreachable', 'nobody listens')));
                return;
              }
              const back = (settle: () => void, answer: unknown) => {
                if (other.state === 'up' && machines.get(to) === other) pass(answer, () => deaf() || settle());
              };
              other.receive(id, message).then(
                (answer) => back(() => resolve(answer), answer),
                (error: unknown) => back(() => reject(error), {})
              );
            });
          }),
        crash({ refuses = false } = {}) {
          machine.state = refuses ? 'refuses' : 'gone';
        }
      };
    },
    partition(...parts) {
      groups = new Map(parts.flatMap((ids, group) => ids.map((id) => [id, group] as const)));
    },
    heal() {
      groups = new Map();
    },
    run: events.run
  };
}

interface Machine {
  state: 'up' | 'refuses' | 'gone';
  readonly receive: ((from: DeviceId, message: unknown) => Promise<unknown>) | undefined;
}

/** mulberry32: 0 ≤ x < 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Event {
  readonly at: number;
  readonly order: number;
  run: (() => void) | null;
}

/** What is to happen, soonest first (a binary heap); at the same time in the order in which it was asked for. */
function createEvents(start: number) {
  let now = start;
  let order = 0;
  let count = 0;
  const heap: Event[] = [];
  const isBefore = (one: Event, other: Event): boolean =>
    one.at < other.at || (one.at === other.at && one.order < other.order);
  const at = (index: number): Event => heap[index] as Event;

  const push = (event: Event): void => {
    let index = heap.push(event) - 1;
    for (let parent = (index - 1) >> 1; index > 0 && isBefore(event, at(parent)); parent = (index - 1) >> 1) {
      heap[index] = at(parent);
      index = parent;
    }
    heap[index] = event;
  };
  const pop = (): void => {
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(at(child + 1), at(child))) child += 1;
      if (!isBefore(at(child), last)) break;
      heap[index] = at(child);
      index = child;
    }
    heap[index] = last;
  };

  return {
    now: () => now,
    after(ms: number, run: () => void): () => void {
      const event: Event = { at: now + Math.max(0, ms), order: order++, run };
      push(event);
      return () => {
        event.run = null;
      };
    },
    async run(ms: number): Promise<void> {
      const end = now + ms;
      for (let next = heap[0]; next && next.at <= end; next = heap[0]) {
        pop();
        if (!next.run) continue;
        now = next.at;
        next.run();
        await settled();
        // Now and then others get their turn: tests have a time limit too.
        count += 1;
        if (count % 4096 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      now = end;
    }
  };
}

/** Until every promise that can settle without time, disk or thread has done so: Node empties the microtasks before the next tick. */
const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
