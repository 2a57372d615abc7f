import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { utf8 } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';

/** AES-256-GCM of small secrets for the database: nonce (12, random) ‖ ciphertext ‖ tag (16), bound to what it is for. */
export function wrapSecret(key: Uint8Array, secret: Uint8Array, context: string): Uint8Array {
  const nonce = randomBytes(nonceSize);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(utf8(context));
  return new Uint8Array(Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]));
}

/** Throws `storage-damaged` for anything that `wrapSecret` did not make with this key and context. */
export function unwrapSecret(key: Uint8Array, wrapped: Uint8Array, context: string): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, wrapped.subarray(0, nonceSize), { authTagLength: tagSize })
      .setAAD(utf8(context))
      .setAuthTag(wrapped.subarray(wrapped.length - tagSize));
    const secret = decipher.update(wrapped.subarray(nonceSize, wrapped.length - tagSize));
    decipher.final();
    return new Uint8Array(secret.buffer, secret.byteOffset, secret.length);
  } catch (cause) {
    throw new LetterlockError('storage-damaged', 'wrapped key', { cause });
  }
}

export const newKey = (): Uint8Array => new Uint8Array(randomBytes(32));

const nonceSize = 12;
const tagSize = 16;
