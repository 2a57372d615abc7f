import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';

/**
 * Work that comes round by itself: one turn after the other, the next when something is due, a day later at the latest. One timer;
 * what fails is logged and tried again. Only while it is started: of several coordinators one does it.
 */
export interface Schedule {
  /** Something that must not run beside a turn. Its failure is the caller's. */
  inTurn<T>(run: () => Promise<T>): Promise<T>;
  /** What is due has changed; resolves when that counts. */
  rearm(): Promise<void>;
  /** Begins, with what became due while nothing ran. */
  start(): void;
  /** No more; resolves when what was under way is done. */
  close(): Promise<void>;
}

const dayMs = 24 * 3600 * 1000;

export function createSchedule(options: {
  /** For the log: what could not be looked after. */
  readonly what: string;
  readonly turn: () => Promise<void>;
  /** When the next turn is due, milliseconds since the epoch. Absent: once a day is enough. */
  readonly due?: () => Promise<number>;
  readonly retryMs?: number;
  readonly clock: Clock;
  readonly logger: Logger;
}): Schedule {
  const { what, turn, due, retryMs = 60_000, clock, logger } = options;
  let working: Promise<unknown> = Promise.resolve();
  let running = false;
  let stopTimer = () => {};

  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = working.then(run);
    working = done.catch(() => {});
    return done;
  }
  /** setTimeout's longest is 24 days; looking once a day costs nothing. */
  function wakeIn(ms: number): void {
    stopTimer();
    if (running) stopTimer = clock.after(Math.min(Math.max(ms, 0), dayMs), takeTurn);
  }
  const arm = async () => wakeIn(due ? (await due()) - clock.now() : dayMs);
  const guarded = (run: () => Promise<void>): Promise<void> =>
    inTurn(run).catch((error) => {
      logger.error({ error, what }, 'could not be looked after; trying again');
      wakeIn(retryMs);
    });
  function takeTurn(): void {
    guarded(async () => {
      if (!running) return;
      await turn();
      await arm();
    });
  }

  return {
    inTurn,
    async rearm() {
      if (running) await guarded(arm);
    },
    start() {
      running = true;
      takeTurn();
    },
    async close() {
      running = false;
      stopTimer();
      await working;
    }
  };
}
