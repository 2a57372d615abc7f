import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeJsonAtomic } from '../base/atomic-file.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { offlineFence } from '../protocol/offline.ts';

/**
 * What a station must not forget when it is switched off and on: wrong tries, the fence it used last, and the latest time that it
 * has seen, so that a clock that is set back ends neither a lock nor the end of a permit.
 */
export interface OfflineMemory {
  /** Durable when it resolves; never the same twice. Throws `offline-refused` when the clock went back. */
  nextFence(): Promise<number>;
  /**
   * Runs `check` when no key is locked. A try is written down before it is made, and taken back when `check` gives something: whoever
   * pulls the plug gains nothing. Throws `pin-locked`, `pin-wrong` when it gives null.
   */
  attempt<T>(keys: readonly TryKey[], check: () => Promise<T | null>): Promise<T>;
}

/** Locked after so many wrong tries. */
export interface TryKey {
  readonly key: string;
  readonly tries: number;
}

const File = z.object({
  v: z.literal(1),
  seen: z.number(),
  fence: z.int(),
  tries: z.array(z.object({ key: z.string(), count: z.int(), lockedUntil: z.number() }))
});
const longestLockSeconds = 3600;

export async function openOfflineMemory(dataDir: string, clock: Clock): Promise<OfflineMemory> {
  const path = join(dataDir, 'offline.json');
  const file = await readJson(path, File);
  let { seen, fence } = file ?? { seen: 0, fence: 0 };
  const tries = new Map((file?.tries ?? []).map(({ key, ...rest }) => [key, rest]));
  let last: Promise<unknown> = Promise.resolve();

  const save = () =>
    writeJsonAtomic(path, { v: 1, seen, fence, tries: [...tries].map(([key, rest]) => ({ key, ...rest })) });
  /** One after the other: what one writes down the next one reads. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const mine = last.then(run, run);
    last = mine;
    mine.catch(() => {});
    return mine;
  };
  function time(): number {
    const now = clock.now();
    if (now < seen - limits.clockBackSeconds * 1000)
      throw new LetterlockError('offline-refused', `the clock says ${isoTime(now)} after ${isoTime(seen)}`);
    seen = Math.max(seen, now);
    return now;
  }

  return {
    nextFence: () =>
      inTurn(async () => {
        fence = offlineFence(time(), fence);
        await save();
        return fence;
      }),
    attempt: (keys, check) =>
      inTurn(async () => {
        const now = time();
        const until = Math.max(...keys.map(({ key }) => tries.get(key)?.lockedUntil ?? 0));
        if (until > now) throw new LetterlockError('pin-locked', `until ${isoTime(until)}`);
        for (const { key, tries: most } of keys) {
          const count = (tries.get(key)?.count ?? 0) + 1;
          tries.set(key, { count, lockedUntil: lockEnd(count - most, now) });
        }
        await save();
        const found = await check();
        if (found === null) throw new LetterlockError('pin-wrong');
        for (const { key } of keys) tries.delete(key);
        await save();
        return found;
      })
  };
}

/** `beyond`: tries more than there may be. */
const lockEnd = (beyond: number, now: number): number =>
  beyond < 0 ? 0 : now + Math.min(limits.pinLockSeconds * 2 ** beyond, longestLockSeconds) * 1000;
