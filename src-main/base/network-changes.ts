import type { Clock } from './clock.ts';
import { programLines } from './program-lines.ts';
import type { Wake } from './retry.ts';

/**
 * Tells when this machine's addresses or routes change: the moment to try again what found nobody. Linux and macOS have a program
 * that says so; elsewhere nothing is told, and whoever waits goes on waiting by the clock.
 */
export interface NetworkChanges {
  readonly on: Wake;
  close(): void;
}

const commands: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  linux: ['ip', 'monitor', 'address', 'route'],
  darwin: ['route', '-n', 'monitor']
};
/** One cable is many lines: it is told once, when they have come. */
const settleMs = 500;

export function watchNetwork(
  clock: Clock,
  command: readonly [string, ...string[]] | undefined = commands[process.platform]
): NetworkChanges {
  const listeners = new Set<() => void>();
  let cancel: (() => void) | undefined;
  const tell = () => {
    cancel = undefined;
    for (const listener of listeners) listener();
  };
  const stop = command && programLines(command, { onLine: () => (cancel ??= clock.after(settleMs, tell)) });
  return {
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      cancel?.();
      stop?.();
    }
  };
}
