import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Ends with the process that closes its input, however that one dies: nobody is left behind that listens for nobody. */
const untilInputCloses = 'exec 3<&0; "$@" & program=$!; { cat <&3 >/dev/null; kill $program; } & wait $program';

/**
 * Starts a program of a POSIX system that writes a line whenever something happens, and tells each line; the returned function ends it.
 * Never throws: a program that is missing, or that ends, says nothing more, and `onEnd` is called. Never keeps this process alive.
 */
export function programLines(
  command: readonly [string, ...string[]],
  { onLine, onEnd }: { readonly onLine: (line: string) => void; readonly onEnd?: () => void }
): () => void {
  const child = spawn('sh', ['-c', untilInputCloses, 'sh', ...command], { stdio: ['pipe', 'pipe', 'ignore'] });
  let closed = false;
  const end = hold(child);
  child.once('close', () => {
    end();
    if (!closed) onEnd?.();
  });
  const output = child.stdout;
  createInterface({ input: output }).on('line', onLine);
  (output as { unref?: () => void }).unref?.();
  return () => {
    closed = true;
    end();
  };
}

/** Starts a program that runs until its input is closed; the returned function closes it. */
export function programUntilReleased([file, ...args]: readonly [string, ...string[]]): () => void {
  return hold(spawn(file, args, { stdio: ['pipe', 'ignore', 'ignore'] }));
}

function hold(child: ChildProcess): () => void {
  child.on('error', () => {}); // it is missing
  child.stdin?.on('error', () => {}); // it ended first
  child.unref();
  (child.stdin as { unref?: () => void } | null)?.unref?.();
  return () => void child.stdin?.end();
}
