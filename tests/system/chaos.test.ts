import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../support/demo.ts';
import { needs } from '../support/needs.ts';

/**
 * The short version of `npm run chaos`: every computer a network namespace, every part a real process, faults in the middle of what
 * they do, and a real printer whose tray is counted.
 */
const root = resolve(import.meta.dirname, '../..');
const trials = 5;
/** Nodes and the printer are killed while they receive, deliver and erase. None dies while it heals: that takes minutes. */
const seed = 40_000;

it.runIf(needs('root', 'unshare', 'nsenter', 'ip', 'ippeveprinter', 'ipptool'))(
  'whatever dies, freezes or is cut off, each document is printed once, nothing is readable and nothing is left',
  async () => {
    const { code, stdout, stderr } = await run(process.execPath, [
      resolve(root, 'build/chaos.mjs'),
      '--json',
      '--trials',
      String(trials),
      '--seed',
      String(seed)
    ]);
    expect(JSON.parse(stdout || '{}'), stderr).toMatchObject({ trials, failures: [] });
    expect(code).toBe(0);
  }
);
