import { utilityProcess } from 'electron';
import type { EngineProcess } from './engine-link.ts';
import type { LaunchOptions } from './launch-options.ts';

/** Starts the engine as a utility process of this program: no window, no keychain, no `electron` modules to speak of. */
export function forkEngine(
  script: string,
  { role, dataDir, osPrinter, admitPrintSystem }: LaunchOptions
): EngineProcess {
  const printer = [`--os-printer=${osPrinter}`, ...(admitPrintSystem ? ['--admit-print-system'] : [])];
  const child = utilityProcess.fork(script, [`--role=${role}`, `--data=${dataDir}`, ...printer], {
    serviceName: 'engine'
  });
  return {
    post: (message) => child.postMessage(message),
    onMessage: (listener) => child.on('message', listener),
    onExit: (listener) => child.on('exit', listener),
    kill() {
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
    }
  };
}
