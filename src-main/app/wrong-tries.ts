import type { Clock } from '../base/clock.ts';

/** Makes whoever shows wrong credentials wait, longer each time, before the next ones are looked at. Forgets in minutes. */
export interface WrongTries {
  add(peer: string): void;
  /** Resolves at once for somebody who has done nothing wrong. */
  wait(peer: string): Promise<void>;
}

export function createWrongTries(clock: Clock): WrongTries {
  /** Oldest first. */
  const tries = new Map<string, number>();
  return {
    add(peer) {
      const count = (tries.get(peer) ?? 0) + 1;
      tries.delete(peer);
      tries.set(peer, count);
      const [oldest] = tries.keys();
      if (tries.size > most && oldest !== undefined) tries.delete(oldest);
      clock.after(forgetMs, () => {
        const left = (tries.get(peer) ?? 1) - 1;
        if (left > 0) tries.set(peer, left);
        else tries.delete(peer);
      });
    },
    wait(peer) {
      const count = tries.get(peer);
      if (count === undefined) return Promise.resolve();
      return new Promise((done) => clock.after(Math.min(100 * 2 ** count, longestMs), done));
    }
  };
}

const most = 1000;
const forgetMs = 300_000;
const longestMs = 10_000;
