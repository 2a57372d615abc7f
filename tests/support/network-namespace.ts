import { resolve } from 'node:path';
import { type ServerProcess, startProcess } from '../../build/server-process.mjs';
import { type CliResult, run } from './demo.ts';

/**
 * A network of its own, with its own D-Bus and Avahi: nothing that a test says there reaches the machine's real interfaces, and
 * no port is taken. Needs root, because it needs namespaces (namespaces(7)).
 */
export interface NetworkNamespace {
  /** Runs a program in it to its end, or for `seconds`: what it wrote until then counts. */
  run(command: string, args: readonly string[], seconds?: number): Promise<CliResult>;
  /** Starts a program in it; resolves when a line of its output matches. */
  start(command: string, args: readonly string[], ready: RegExp, env?: Record<string, string>): Promise<ServerProcess>;
  close(): Promise<void>;
}

/** The address of `v0`, a real interface with multicast whose other end nobody listens at. Avahi serves loopback and it. */
export const namespaceAddress = '10.9.9.1';

export async function createNetworkNamespace(): Promise<NetworkNamespace> {
  const script = resolve(import.meta.dirname, 'network-namespace.sh');
  const avahi = await startProcess(
    'unshare',
    ['-n', '-m', 'bash', script, namespaceAddress],
    /Server startup complete/
  );
  const enter = ['--target', String(avahi.pid), '--net', '--mount', `--wd=${process.cwd()}`];
  return {
    run: (command, args, seconds = 60) => run('nsenter', [...enter, 'timeout', String(seconds), command, ...args]),
    start: (command, args, ready, env) => startProcess('nsenter', [...enter, command, ...args], ready, env),
    close: () => avahi.stop()
  };
}
