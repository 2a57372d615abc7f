/** Bytes and the texts they travel as. */
export const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');
export const toBase64url = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');

/** Canonical base64url (RFC 4648 section 5, no padding) or null: what decodes must encode to the same text. */
export function fromBase64url(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

/** Overwrites key material as soon as it has served. */
export function wipe(...secrets: (Uint8Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}
