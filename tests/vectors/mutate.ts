/** Ways to damage bytes. Each returns new bytes. */
export function flipped(bytes: Uint8Array, offset: number, mask = 1): Buffer {
  const changed = Buffer.from(bytes);
  const at = offset < 0 ? bytes.length + offset : offset;
  changed.writeUInt8(changed.readUInt8(at) ^ mask, at);
  return changed;
}

/** The same for base64url text. */
export const flippedText = (text: string, offset: number, mask = 1): string =>
  flipped(Buffer.from(text, 'base64url'), offset, mask).toString('base64url');

export const hex = (text: string): Buffer => Buffer.from(text, 'hex');
