import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { pause } from '../../base/retry.ts';

/** Keeps copying and scrubbing out of the way of what people wait for. */
export interface Pace {
  /** A delivery runs here until the returned function is called: everything else rests. */
  delivering(): () => void;
  /** A place among those that copy at once; the returned function gives it back. Waits its turn, first come first served. */
  place(signal: AbortSignal): Promise<() => void>;
  /** After work that took so many milliseconds: rests for its share of the time, and for as long as a delivery runs. */
  rest(tookMs: number, signal: AbortSignal): Promise<void>;
}

/** `share` of the time may be spent on work: what the machine and the network give is measured with every piece. */
export function createPace(options: {
  readonly clock: Clock;
  readonly transfers?: number;
  readonly share?: number;
}): Pace {
  const { clock, transfers = limits.healTransfers, share = limits.healShare } = options;
  let deliveries = 0;
  let taken = 0;
  const waiting: (() => void)[] = [];
  const quiet = new Set<() => void>();

  /** Rejects with the signal's reason, and then calls `forget`. */
  const until = (signal: AbortSignal, begin: (done: () => void) => () => void): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const aborted = () => {
        forget();
        reject(signal.reason);
      };
      const forget = begin(() => {
        signal.removeEventListener('abort', aborted);
        resolve();
      });
      signal.addEventListener('abort', aborted, { once: true });
    });

  return {
    delivering() {
      deliveries += 1;
      return once(() => {
        deliveries -= 1;
        if (deliveries > 0) return;
        for (const resume of [...quiet]) resume();
        quiet.clear();
      });
    },
    async place(signal) {
      signal.throwIfAborted();
      if (taken >= transfers) {
        await until(signal, (done) => {
          waiting.push(done);
          return () => waiting.splice(waiting.indexOf(done), 1);
        });
      } else taken += 1;
      return once(() => {
        const next = waiting.shift();
        if (next) next();
        else taken -= 1;
      });
    },
    async rest(tookMs, signal) {
      const ms = (tookMs * (1 - share)) / share;
      if (ms >= 1) await pause(ms, clock, signal);
      while (deliveries > 0) {
        await until(signal, (done) => {
          quiet.add(done);
          return () => quiet.delete(done);
        });
      }
    }
  };
}

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
