import { programLines, programUntilReleased } from '../../base/program-lines.ts';

/**
 * Tells when the machine is about to sleep, and when it woke. Linux: logind's signals over D-Bus as gdbus(1) prints them, and a delay
 * lock held by systemd-inhibit(1), without which there would be no time at all. Elsewhere nothing is told: the other holders of a job
 * heal what a sleeping machine takes along.
 */
export interface SleepSignals {
  close(): void;
}

interface SleepCommands {
  readonly monitor: readonly [string, ...string[]];
  /** Runs until its input is closed, and the machine does not sleep before that (or before logind loses its patience). */
  readonly inhibit: readonly [string, ...string[]];
}

const linux: SleepCommands = {
  monitor: [
    'gdbus',
    'monitor',
    '--system',
    '--dest',
    'org.freedesktop.login1',
    '--object-path',
    '/org/freedesktop/login1'
  ],
  inhibit: [
    'systemd-inhibit',
    '--what=sleep:shutdown',
    '--mode=delay',
    '--who=Letterlock',
    '--why=hands print jobs over to other machines',
    'cat'
  ]
};

export function watchSleep(
  on: { readonly sleep: () => Promise<unknown>; readonly wake: () => void },
  commands: SleepCommands | null = process.platform === 'linux' ? linux : null
): SleepSignals {
  if (!commands) return { close: () => {} };
  let unlock: (() => void) | undefined;
  const inhibit = () => {
    unlock ??= programUntilReleased(commands.inhibit);
  };
  const release = () => {
    unlock?.();
    unlock = undefined;
  };
  const stop = programLines(commands.monitor, {
    onLine(line) {
      const [, what, begins] = /\.(PrepareForSleep|PrepareForShutdown) \((true|false),\)/.exec(line) ?? [];
      if (!what) return;
      if (begins === 'true') void on.sleep().finally(release);
      else {
        inhibit();
        on.wake();
      }
    },
    onEnd: release
  });
  inhibit();
  return {
    close() {
      stop();
      release();
    }
  };
}
