import { createHash } from 'node:crypto';
import { z } from 'zod';
import { toBase64url, utf8 } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { base64url, decoded } from './base64url.ts';

/**
 * The two public keys of a device beside its certificate's, as one text whose SHA-256 is named in the certificate's SAN.
 * There is exactly one text for two keys: `{"v":1,"signing":"…","sealing":"…"}`.
 */
export interface DeviceKeys {
  /** 32 bytes, raw Ed25519. */
  readonly signing: Uint8Array;
  /** 32 bytes, raw X25519. */
  readonly sealing: Uint8Array;
}

const Descriptor = z.strictObject({ v: z.literal(1), signing: base64url(32), sealing: base64url(32) });

export function keyDescriptor({ signing, sealing }: DeviceKeys): string {
  return JSON.stringify({ v: 1, signing: toBase64url(signing), sealing: toBase64url(sealing) });
}

/** SHA-256 of the descriptor's UTF-8 bytes, 64 lower-case hexadecimal digits. */
export const keyDescriptorDigest = (descriptor: string): string =>
  createHash('sha256').update(utf8(descriptor)).digest('hex');

/** Reads a descriptor; any other spelling of the same keys is refused with `input-invalid`. */
export function parseKeyDescriptor(descriptor: string): DeviceKeys {
  try {
    const { signing, sealing } = Descriptor.parse(JSON.parse(descriptor));
    const keys = { signing: decoded(signing), sealing: decoded(sealing) };
    if (keyDescriptor(keys) === descriptor) return keys;
  } catch {
    // Not a descriptor at all: the same refusal.
  }
  throw new LetterlockError('input-invalid', 'key descriptor');
}
