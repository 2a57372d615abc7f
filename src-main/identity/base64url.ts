import { z } from 'zod';
import { fromBase64url } from '../base/bytes.ts';

/** The wire form of bytes: canonical base64url without padding, so that equal bytes have one text. Lengths are in bytes. */
export function base64url(minBytes: number, maxBytes: number = minBytes) {
  return z
    .string()
    .min(textLength(minBytes))
    .max(textLength(maxBytes))
    .refine((text) => fromBase64url(text) !== null, 'not canonical base64url');
}

/** Decodes a text that a `base64url` schema has accepted; anything else is a programming error. */
export function decoded(text: string): Uint8Array {
  const bytes = fromBase64url(text);
  if (!bytes) throw new TypeError('not canonical base64url');
  return bytes;
}

const textLength = (bytes: number): number => Math.ceil((bytes * 4) / 3);
