import { execFile } from 'node:child_process';
import { LetterlockError } from '../base/errors.ts';
import { KiB, limits } from '../base/limits.ts';

export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the print system. Secrets go through `input`: every user of the machine can read arguments. */
export type RunTool = (file: string, args: readonly string[], input?: string) => Promise<ToolResult>;

/**
 * No shell in between; English output, bounded in size and time. Resolves whatever the exit code is; rejects with
 * print-system-unavailable when the program is not there, does not end or says too much.
 */
export const runTool: RunTool = (file, args, input = '') =>
  new Promise((done, fail) => {
    const options = {
      env: { ...process.env, LC_ALL: 'C' },
      timeout: limits.printSystemSeconds * 1000,
      killSignal: 'SIGKILL' as const,
      maxBuffer: 256 * KiB,
      windowsHide: true
    };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (typeof code === 'number') done({ code, stdout, stderr });
      else fail(new LetterlockError('print-system-unavailable', file));
    });
    child.stdin?.on('error', () => undefined); // a program that does not read its input says so by its exit code
    child.stdin?.end(input);
  });
