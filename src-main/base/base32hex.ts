const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUV';

/**
 * Base 32 with the extended hex alphabet (RFC 4648, section 7), without padding: for what a scanner types. Its characters are in a QR
 * code's alphanumeric set, mean the same in either case, and lie at the same place on QWERTY and QWERTZ keyboards.
 */
export function toBase32hex(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += alphabet[(held >>> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + alphabet[(held << (5 - bits)) & 31] : text;
}

/** In upper case and canonical, or null: what decodes must encode to the same text. */
export function fromBase32hex(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const character of text) {
    held = ((held << 5) | Math.max(0, alphabet.indexOf(character))) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >>> bits;
    }
  }
  return toBase32hex(bytes) === text ? bytes : null;
}
