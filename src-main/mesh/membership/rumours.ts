import type { Signed } from '../../identity/signed-statement.ts';

/** Changes that are passed on with other messages: each a bounded number of times, the least told first (SWIM section 4.1). */
export interface Rumours {
  /** `key`: a newer rumour with the same key takes its place. */
  add(key: string, signed: Signed): void;
  take(most: number, transmissions: number): Signed[];
  isEmpty(): boolean;
}

export function createRumours(): Rumours {
  /** By how often they were told. One is taken with every message, and where a large mesh begins there are hundreds: nothing is sorted. */
  const levels: Map<string, Signed>[] = [];
  const levelAt = (told: number): Map<string, Signed> => {
    levels[told] ??= new Map();
    return levels[told];
  };

  return {
    add(key, signed) {
      for (const level of levels) level.delete(key);
      levelAt(0).set(key, signed);
    },
    take(most, transmissions) {
      const chosen: { readonly key: string; readonly signed: Signed; readonly told: number }[] = [];
      for (const [told, level] of levels.entries()) {
        for (const [key, signed] of level) {
          if (chosen.length === most) break;
          chosen.push({ key, signed, told });
        }
      }
      for (const { key, signed, told } of chosen) {
        levels[told]?.delete(key);
        if (told + 1 < transmissions) levelAt(told + 1).set(key, signed);
      }
      return chosen.map(({ signed }) => signed);
    },
    isEmpty: () => levels.every(({ size }) => size === 0)
  };
}
