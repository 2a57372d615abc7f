import { limits } from '../base/limits.ts';
import {
  decodePrefix,
  endOfAttributes,
  firstValueTag,
  type IppPrefix,
  maxFieldLength,
  prefixLength
} from './decode.ts';
import { badRequest, tooLarge } from './refusal.ts';

/** A message's attribute part, complete, and what followed it in the last chunk: the beginning of the document. */
export interface Framed {
  header: Uint8Array;
  rest: Uint8Array;
}

export interface Framer {
  /** Takes the next bytes; null until the end-of-attributes tag has come. Throws IppRefusal as soon as the bytes are hopeless. */
  push(chunk: Uint8Array): Framed | null;
  /** Version, code and request-id once they have come: what an answer to a refused message needs. */
  prefix(): IppPrefix | null;
}

/**
 * Finds where the attributes end and the document begins while the bytes arrive, in pieces of any size. It only hops from
 * length to length; decodeMessage judges what is in between.
 */
export function createFramer(limit: number = limits.ippHeader): Framer {
  let buffer = Buffer.allocUnsafe(4096);
  let length = 0;
  /** Where the next tag stands, or will. */
  let next = prefixLength;

  /** Offset behind the end-of-attributes tag, or null if it hasn't come. */
  function scan(): number | null {
    while (next < length) {
      const tag = buffer.readUInt8(next);
      if (tag === endOfAttributes) return next + 1;
      if (tag < firstValueTag) {
        next += 1;
        continue;
      }
      const value = skip(next + 1);
      const end = value === null ? null : skip(value);
      if (end === null) return null;
      next = end;
    }
    return null;
  }

  /** Offset behind the counted field at `offset`, which need not have come; null if even its length hasn't. */
  function skip(offset: number): number | null {
    if (offset + 2 > length) return null;
    const count = buffer.readUInt16BE(offset);
    if (count > maxFieldLength) throw badRequest('a length is negative');
    return offset + 2 + count;
  }

  return {
    push(chunk) {
      const before = length;
      const taken = chunk.subarray(0, limit - length);
      if (before + taken.length > buffer.length) {
        const larger = Buffer.allocUnsafe(Math.min(limit, 2 * (before + taken.length)));
        buffer.copy(larger, 0, 0, before);
        buffer = larger;
      }
      buffer.set(taken, before);
      length += taken.length;
      const end = scan();
      if (end !== null) return { header: buffer.subarray(0, end), rest: chunk.subarray(end - before) };
      if (length >= limit || next >= limit) throw tooLarge('the attributes are too long');
      return null;
    },
    prefix: () => (length < prefixLength ? null : decodePrefix(buffer.subarray(0, length)))
  };
}
