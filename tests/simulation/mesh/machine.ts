import type { Clock } from '../../../src-main/base/clock.ts';
import { LetterlockError } from '../../../src-main/base/errors.ts';
import type { SimulatedNetwork } from '../../../src-main/mesh/testing/network.ts';
import type { DeviceId } from '../../../src-preload/contract/ids.ts';

/**
 * A machine on the simulated network: one process at a time, with a clock that may be wrong and timers that sleep when the machine
 * sleeps. Requests that get no answer fail after ten seconds, as those of the real transport do.
 */
export interface Machine {
  readonly id: DeviceId;
  readonly clock: Clock;
  /** Begins a process; `receive` answers what comes. What an earlier one began is over. */
  boot(receive: (from: DeviceId, message: unknown) => Promise<unknown>): Process;
  /** The process ends in the middle of whatever it does. */
  crash(): void;
  sleep(): void;
  wake(): void;
  isUp(): boolean;
}

export interface Process {
  readonly clock: Clock;
  /** Throws `node-unreachable`, or the other side's error. */
  ask(to: DeviceId, message: unknown): Promise<unknown>;
  /** As `ask`, but waits for ever. */
  send(to: DeviceId, message: unknown): Promise<unknown>;
  isAlive(): boolean;
}

const patienceMs = 10_000;

export function createMachine(network: SimulatedNetwork, id: DeviceId, skew: number): Machine {
  let current: { alive: boolean; crash: () => void } | null = null;
  let asleep = false;
  let missed: (() => void)[] = [];
  const { after, now } = network.clock(skew);
  const wall: Clock = { after, now: () => Math.floor(now()) };

  return {
    id,
    clock: wall,
    boot(receive) {
      const mine = { alive: true, crash: () => {} };
      current?.crash();
      current = mine;
      const clock: Clock = {
        now: wall.now,
        after(ms, run) {
          let canceled = false;
          const cancel = wall.after(ms, () => {
            const due = () => canceled || !mine.alive || run();
            if (asleep) missed.push(due);
            else due();
          });
          return () => {
            canceled = true; // it may be among those that were missed
            cancel();
          };
        }
      };
      const endpoint = network.attach(id, (from, message) =>
        asleep || !mine.alive ? new Promise(() => {}) : receive(from, message)
      );
      mine.crash = () => {
        mine.alive = false;
        endpoint.crash();
      };
      const send = (to: DeviceId, message: unknown): Promise<unknown> =>
        new Promise((resolve, reject) => {
          if (!mine.alive || asleep) return;
          const ifAlive = (settle: () => void) => mine.alive && !asleep && settle();
          endpoint.send(to, message).then(
            (answer) => ifAlive(() => resolve(answer)),
            (error: unknown) => ifAlive(() => reject(error))
          );
        });
      return {
        clock,
        send,
        isAlive: () => mine.alive,
        ask: (to, message) =>
          new Promise((resolve, reject) => {
            const cancel = clock.after(patienceMs, () => reject(new LetterlockError('node-unreachable', 'no answer')));
            send(to, message).then(resolve, reject).finally(cancel);
          })
      };
    },
    crash() {
      current?.crash();
      current = null;
      asleep = false;
      missed = [];
    },
    sleep() {
      asleep = true;
    },
    wake() {
      asleep = false;
      for (const run of missed.splice(0)) run();
    },
    isUp: () => current !== null && !asleep
  };
}
