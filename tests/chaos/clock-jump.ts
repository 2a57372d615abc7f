import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';

/**
 * Wall clocks that jump while a program runs: libfaketime reads the offset from a file, at most once in a second. Monotonic clocks go on,
 * as they do when somebody sets the time of a real machine.
 */
const library = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find(existsSync);

export const clocksCanJump = library !== undefined;

/** Environment of a program whose offset is in `file`. */
export const fakeTime = (file: string): Record<string, string> =>
  library
    ? {
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_CACHE_DURATION: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1'
      }
    : {};

export async function setClock(file: string, seconds: number): Promise<void> {
  await writeFile(`${file}.new`, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`);
  await rename(`${file}.new`, file);
}
