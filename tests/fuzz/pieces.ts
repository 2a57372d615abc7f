import type { Framed, Framer } from '../../src-main/ipp/codec.ts';
import type { Random } from './random.ts';

/** Pushes the input in pieces of any size until the framer has its message. Null: it never came. Throws what the framer throws. */
export function pushInPieces(framer: Framer, input: Buffer, random: Random): Framed | null {
  const most = random.chance(0.5) ? input.length : 1 + random.int(50);
  let offset = 0;
  do {
    const size = most === input.length ? most : 1 + random.int(most);
    const framed = framer.push(input.subarray(offset, offset + size));
    offset += size;
    if (framed) return { header: framed.header, rest: Buffer.concat([framed.rest, input.subarray(offset)]) };
  } while (offset < input.length);
  return null;
}
