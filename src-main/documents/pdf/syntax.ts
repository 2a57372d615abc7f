/** Bytes of PDF syntax (ISO 32000-1 sections 7.2 and 7.3), for those who read it word by word and for those who pass it over. */
const [regular, space, delimiter] = [0, 1, 2];
const kinds = new Uint8Array(256).fill(regular);
for (const byte of [0, 9, 10, 12, 13, 32]) kinds[byte] = space;
for (const byte of Buffer.from('()<>[]{}/%')) kinds[byte] = delimiter;

export const isSpace = (byte: number | undefined): boolean => kinds[byte ?? 0] === space;
export const isRegular = (byte: number | undefined): boolean => kinds[byte ?? 0] === regular;

/** Where white space that begins at `from` ends. */
export function spaceEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && isSpace(bytes[at])) at++;
  return at;
}

/** Where the word that begins at `from` ends. */
export function wordEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && isRegular(bytes[at])) at++;
  return at;
}

/** Where a comment ends: at the line's end, or at that of the bytes. */
export function commentEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== 10 && bytes[at] !== 13) at++;
  return at;
}

/**
 * Where a string in parentheses ends. `nesting.depth` is how many are open at `from`; when any still is afterwards, the bytes
 * ended first, and the answer is where to go on once there are more.
 */
export function stringEnd(bytes: Buffer, from: number, nesting: { depth: number }): number {
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 0x5c) {
      if (at + 1 === bytes.length) return at; // what follows the backslash isn't here
      at++;
    } else if (byte === 0x28) nesting.depth++;
    else if (byte === 0x29 && --nesting.depth === 0) return at + 1;
  }
  return at;
}

/** An integer or a decimal fraction; NaN when the word is something else. */
export function numberIn(bytes: Buffer, start: number, end: number): number {
  const sign = bytes[start];
  let value = 0;
  let scale = 0;
  let digits = 0;
  for (let at = sign === 0x2b || sign === 0x2d ? start + 1 : start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      scale *= 10;
      digits++;
    } else if (digit === -2 && scale === 0) scale = 1;
    else return Number.NaN;
  }
  if (digits === 0) return Number.NaN;
  if (scale > 1) value /= scale;
  return sign === 0x2d ? -value : value;
}
