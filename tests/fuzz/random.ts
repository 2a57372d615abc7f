/** Randomness that a seed repeats (sfc32): for fuzzing, never for anything secret. */
export interface Random {
  /** 0 to `below` - 1. */
  int(below: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  bytes(length: number): Buffer;
}

export function createRandom(seed: number): Random {
  let [a, b, c, counter] = [seed | 0, 0x9e3779b9, 0x243f6a88, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let index = 0; index < 16; index += 1) next();
  const int = (below: number): number => next() % below;
  return {
    int,
    chance: (probability) => next() < probability * 2 ** 32,
    pick(list) {
      const picked = list[int(list.length)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
    bytes(length) {
      const bytes = Buffer.allocUnsafe(length);
      for (let index = 0; index < length; index += 1) bytes[index] = next();
      return bytes;
    }
  };
}
