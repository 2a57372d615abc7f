import type { ErrorCode } from '../../src-preload/contract/errors.ts';
import type { Clock } from './clock.ts';
import { LetterlockError } from './errors.ts';

/** Registers a listener for "now is a good moment"; the returned function takes it back. */
export type Wake = (listener: () => void) => () => void;

/** Resolves after `ms` milliseconds, or as soon as `wake` calls. Rejects with the signal's reason. */
export function pause(ms: number, clock: Clock, signal: AbortSignal, wake?: Wake): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const settle = (then: () => void) => () => {
      cancel();
      off?.();
      signal.removeEventListener('abort', aborted);
      then();
    };
    const aborted = settle(() => reject(signal.reason));
    const done = settle(resolve);
    const cancel = clock.after(ms, done);
    const off = wake?.(done);
    signal.addEventListener('abort', aborted);
  });
}

/** Pauses that double from `first` to `most` milliseconds, each shortened by up to half so that many do not act as one. */
export function* backoff(first: number, most: number, random: () => number = Math.random): Generator<number, never> {
  for (let ms = first; ; ms = Math.min(ms * 2, most)) yield ms * (1 - random() / 2);
}

/** Runs `attempt` until it succeeds or throws something for which `again` is false. */
export async function retry<T>(
  attempt: () => Promise<T>,
  options: {
    readonly again: (error: unknown) => boolean;
    readonly clock: Clock;
    readonly signal: AbortSignal;
    /** Milliseconds. */
    readonly first?: number;
    readonly most?: number;
    readonly wake?: Wake;
  }
): Promise<T> {
  const { again, clock, signal, first = 500, most = 30_000, wake } = options;
  for (const ms of backoff(first, most)) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!again(error)) throw error;
    }
    await pause(ms, clock, signal, wake);
  }
  throw new TypeError('unreachable');
}

const passing: ReadonlySet<string> = new Set<ErrorCode>([
  'coordinator-unreachable',
  'node-unreachable',
  'node-reconciling',
  'rate-limited',
  'storage-full',
  'database-unreachable',
  'internal'
]);

/** Whether the same request may well succeed later. What isn't a LetterlockError is a defect and does not pass. */
export const mayPass = (error: unknown): boolean => error instanceof LetterlockError && passing.has(error.code);
