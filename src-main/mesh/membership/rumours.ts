import type { Signed } from '../../identity/signed-statement.ts';

/** Changes that are passed on with other messages: each a bounded number of times, the least told first (SWIM section 4.1). */
export interface Rumours {
  /** `key`: a newer rumour with the same key takes its place. */
  add(key: string, signed: Signed): void;
  forget(key: string): void;
  take(most: number, transmissions: number): Signed[];
}

export function createRumours(): Rumours {
  const rumours = new Map<string, { readonly signed: Signed; told: number }>();
  return {
    add: (key, signed) => void rumours.set(key, { signed, told: 0 }),
    forget: (key) => void rumours.delete(key),
    take(most, transmissions) {
      const chosen = [...rumours].sort(([, one], [, other]) => one.told - other.told).slice(0, most);
      for (const [key, rumour] of chosen) {
        rumour.told += 1;
        if (rumour.told >= transmissions) rumours.delete(key);
      }
      return chosen.map(([, { signed }]) => signed);
    }
  };
}
