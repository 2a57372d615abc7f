/**
 * QR codes of ISO/IEC 18004: byte mode, error correction level M, versions 1 to 20 (up to 666 bytes). Enough for addresses
 * and sign-in links; nothing else is made of it.
 */

/** Rows of modules, true is dark, without the quiet zone. Throws RangeError for what does not fit. */
export const qrCode = (text: string): readonly (readonly boolean[])[] => {
  const bytes = new TextEncoder().encode(text);
  const version = smallestVersion(bytes.length);
  const grid = createGrid(version);
  drawPatterns(grid);
  drawCodewords(grid, withCorrection(dataCodewords(bytes, version), version));
  return leastPenalty(grid);
};

// Of level M, by version from 1 on (table 9).
const correctionPerBlock = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const blocks = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];

const at = (list: readonly number[] | Uint8Array, index: number): number => list[index] ?? 0;
const correctionOf = (version: number) => at(correctionPerBlock, version - 1);
const blocksOf = (version: number) => at(blocks, version - 1);

/** Bits that are left for data and correction once the patterns are drawn. */
const rawBits = (version: number): number => {
  const alignments = Math.floor(version / 7) + 2;
  let bits = (16 * version + 128) * version + 64;
  if (version >= 2) bits -= (25 * alignments - 10) * alignments - 55;
  return version >= 7 ? bits - 36 : bits;
};
const dataLength = (version: number) => Math.floor(rawBits(version) / 8) - correctionOf(version) * blocksOf(version);
const lengthBits = (version: number) => (version < 10 ? 8 : 16);

const smallestVersion = (length: number): number => {
  for (let version = 1; version <= blocks.length; version++)
    if (Math.ceil((4 + lengthBits(version)) / 8 + length) <= dataLength(version)) return version;
  throw new RangeError('too long for a QR code');
};

const dataCodewords = (bytes: Uint8Array, version: number): number[] => {
  const bits: number[] = [];
  const push = (value: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push((value >>> bit) & 1);
  };
  push(0b0100, 4); // byte mode
  push(bytes.length, lengthBits(version));
  for (const byte of bytes) push(byte, 8);
  const capacity = dataLength(version) * 8;
  push(0, Math.min(4, capacity - bits.length));
  push(0, (8 - (bits.length % 8)) % 8);
  for (let pad = 0xec; bits.length < capacity; pad ^= 0xec ^ 0x11) push(pad, 8);
  return Array.from({ length: bits.length / 8 }, (_, byte) =>
    bits.slice(byte * 8, byte * 8 + 8).reduce((value, bit) => (value << 1) | bit, 0)
  );
};

/** Reed–Solomon over GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1, block by block, interleaved. */
const withCorrection = (data: readonly number[], version: number): number[] => {
  const [count, degree] = [blocksOf(version), correctionOf(version)];
  const total = Math.floor(rawBits(version) / 8);
  const short = count - (total % count);
  const shortLength = Math.floor(total / count) - degree;
  const divisor = generator(degree);
  let used = 0;
  const parts = Array.from({ length: count }, (_, block) => {
    const part = data.slice(used, used + shortLength + (block < short ? 0 : 1));
    used += part.length;
    return { part, correction: remainder(part, divisor) };
  });
  const codewords: number[] = [];
  for (let i = 0; i <= shortLength; i++) for (const { part } of parts) if (i < part.length) codewords.push(at(part, i));
  for (let i = 0; i < degree; i++) for (const { correction } of parts) codewords.push(at(correction, i));
  return codewords;
};

const multiply = (x: number, y: number): number => {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((y >>> bit) & 1) * x;
  }
  return product;
};

const generator = (degree: number): number[] => {
  const result: number[] = Array.from({ length: degree }, (_, i) => (i === degree - 1 ? 1 : 0));
  for (let root = 1, i = 0; i < degree; i++, root = multiply(root, 2))
    for (let j = 0; j < degree; j++) result[j] = multiply(at(result, j), root) ^ at(result, j + 1);
  return result;
};

const remainder = (data: readonly number[], divisor: readonly number[]): number[] => {
  const result = divisor.map(() => 0);
  for (const byte of data) {
    const factor = byte ^ (result.shift() ?? 0);
    result.push(0);
    divisor.forEach((coefficient, i) => {
      result[i] = at(result, i) ^ multiply(coefficient, factor);
    });
  }
  return result;
};

interface Grid {
  readonly version: number;
  readonly size: number;
  readonly dark: boolean[][];
  /** Modules that are patterns: neither data nor masked. */
  readonly fixed: boolean[][];
}

const createGrid = (version: number): Grid => {
  const size = version * 4 + 17;
  const empty = () => Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  return { version, size, dark: empty(), fixed: empty() };
};

const fix = ({ dark, fixed, size }: Grid, x: number, y: number, value: boolean): void => {
  const [row, known] = [dark[y], fixed[y]];
  if (!row || !known || x < 0 || x >= size) return;
  row[x] = value;
  known[x] = true;
};

const drawPatterns = (grid: Grid): void => {
  const { size, version } = grid;
  for (let i = 0; i < size; i++) {
    fix(grid, 6, i, i % 2 === 0);
    fix(grid, i, 6, i % 2 === 0);
  }
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4]
  ] as const)
    for (let dy = -4; dy <= 4; dy++)
      for (let dx = -4; dx <= 4; dx++) {
        const ring = Math.max(Math.abs(dx), Math.abs(dy));
        fix(grid, x + dx, y + dy, ring !== 2 && ring !== 4);
      }
  const centres = alignmentCentres(version, size);
  const last = centres.length - 1;
  centres.forEach((x, i) => {
    centres.forEach((y, j) => {
      if ((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)) return;
      for (let dy = -2; dy <= 2; dy++)
        for (let dx = -2; dx <= 2; dx++) fix(grid, x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
    });
  });
  drawFormat(grid, 0);
  if (version >= 7) drawVersion(grid);
};

const alignmentCentres = (version: number, size: number): number[] => {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, i) => size - 7 - (count - 2 - i) * step)];
};

/** BCH (15, 5) of level M and the mask, twice. */
const drawFormat = (grid: Grid, mask: number): void => {
  const { size } = grid;
  let rest = mask; // level M is 00
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
  const bits = ((mask << 10) | rest) ^ 0x5412;
  const bit = (i: number) => ((bits >>> i) & 1) === 1;
  for (let i = 0; i <= 5; i++) fix(grid, 8, i, bit(i));
  fix(grid, 8, 7, bit(6));
  fix(grid, 8, 8, bit(7));
  fix(grid, 7, 8, bit(8));
  for (let i = 9; i < 15; i++) fix(grid, 14 - i, 8, bit(i));
  for (let i = 0; i < 8; i++) fix(grid, size - 1 - i, 8, bit(i));
  for (let i = 8; i < 15; i++) fix(grid, 8, size - 15 + i, bit(i));
  fix(grid, 8, size - 8, true);
};

/** BCH (18, 6), twice. */
const drawVersion = (grid: Grid): void => {
  const { version, size } = grid;
  let rest = version;
  for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
  const bits = (version << 12) | rest;
  for (let i = 0; i < 18; i++) {
    const value = ((bits >>> i) & 1) === 1;
    const [a, b] = [size - 11 + (i % 3), Math.floor(i / 3)];
    fix(grid, a, b, value);
    fix(grid, b, a, value);
  }
};

/** Two columns at a time from the right, up and down in turn, around what is fixed. */
const drawCodewords = ({ size, dark, fixed }: Grid, codewords: readonly number[]): void => {
  let i = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++)
      for (const x of [right, right - 1]) {
        const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
        const row = dark[y];
        if (!row || fixed[y]?.[x] || i >= codewords.length * 8) continue;
        row[x] = ((at(codewords, i >>> 3) >>> (7 - (i & 7))) & 1) === 1;
        i++;
      }
  }
};

const masks: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0
];

const leastPenalty = (grid: Grid): boolean[][] => {
  let best: { readonly penalty: number; readonly dark: boolean[][] } | undefined;
  masks.forEach((mask, number) => {
    const dark = grid.dark.map((row, y) => row.map((value, x) => value !== (!grid.fixed[y]?.[x] && mask(x, y))));
    drawFormat({ ...grid, dark }, number);
    const penalty = penaltyOf(dark);
    if (!best || penalty < best.penalty) best = { penalty, dark };
  });
  return best?.dark ?? grid.dark;
};

/** What makes a code hard to read (7.8.3): long runs, blocks, what looks like a finder, and an uneven balance. */
const penaltyOf = (dark: readonly (readonly boolean[])[]): number => {
  const size = dark.length;
  const columns = dark.map((_, x) => dark.map((row) => row[x] ?? false));
  let penalty = 0;
  for (const line of [...dark, ...columns]) {
    const text = line.map((value) => (value ? '1' : '0')).join('');
    for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) penalty += run.length - 2;
    penalty += 40 * [...text.matchAll(/(?=10111010000|00001011101)/g)].length;
  }
  for (let y = 0; y < size - 1; y++)
    for (let x = 0; x < size - 1; x++) {
      const value = dark[y]?.[x];
      if (dark[y]?.[x + 1] === value && dark[y + 1]?.[x] === value && dark[y + 1]?.[x + 1] === value) penalty += 3;
    }
  const share = dark.flat().filter(Boolean).length / size ** 2;
  return penalty + 10 * Math.floor(Math.abs(share * 100 - 50) / 5);
};
