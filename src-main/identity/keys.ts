import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { type ExportContext, recipient, type SealContext, type Sealed } from './hpke.ts';

/** Keys are handles: whoever has one may use it and cannot read it. Only storage sees the PKCS#8 form. */
export interface SigningKey {
  /** 32 bytes, raw Ed25519. */
  readonly publicKey: Uint8Array;
  /** Ed25519 (RFC 8032), 64 bytes. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export interface SealingKey {
  /** 32 bytes, raw X25519. */
  readonly publicKey: Uint8Array;
  /** Opens what `sealTo(publicKey, …)` sealed with the same context. Throws `seal-broken`. */
  open(sealed: Sealed, context: SealContext): Promise<Uint8Array>;
  /** The secret that `exportTo(publicKey, …)` gave, from its `enc`. Throws `seal-broken`. */
  exportSecret(enc: Uint8Array, context: ExportContext): Promise<Uint8Array>;
}

/** A new Ed25519 private key, PKCS#8 DER. Store it, make the handle with `signingKey`, then wipe it. */
export const generateSigningKey = (): Uint8Array => pkcs8(generateKeyPairSync('ed25519').privateKey);

/** A new X25519 private key, PKCS#8 DER. Store it, make the handle with `sealingKey`, then wipe it. */
export const generateSealingKey = (): Uint8Array => pkcs8(generateKeyPairSync('x25519').privateKey);

/** The handle for an Ed25519 private key in PKCS#8 DER. Throws `storage-damaged`. */
export function signingKey(privateKey: Uint8Array): SigningKey {
  const key = parsed(privateKey, 'ed25519');
  const signBytes = promisify(sign);
  return {
    publicKey: rawPublicKey(key),
    sign: async (bytes) => new Uint8Array(await signBytes(null, bytes, key))
  };
}

/** The handle for an X25519 private key in PKCS#8 DER. Throws `storage-damaged`. */
export function sealingKey(privateKey: Uint8Array): SealingKey {
  const key = parsed(privateKey, 'x25519');
  const publicKey = rawPublicKey(key);
  const raw = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
  try {
    return { publicKey, ...recipient(raw, publicKey) };
  } finally {
    wipe(raw);
  }
}

/** Ed25519 verification with a raw public key: false for anything malformed, never an exception. */
export function verifySignature(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const key = createPublicKey({
      format: 'jwk',
      key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') }
    });
    return verify(null, bytes, key, signature);
  } catch {
    return false;
  }
}

const pkcs8 = (key: KeyObject): Uint8Array => new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }));

function parsed(privateKey: Uint8Array, type: 'ed25519' | 'x25519'): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' });
  } catch {
    // The parser's error could quote the key: it goes no further.
  }
  if (key?.asymmetricKeyType !== type) throw new LetterlockError('storage-damaged', `${type} private key`);
  return key;
}

const rawPublicKey = (key: KeyObject): Uint8Array =>
  new Uint8Array(Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url'));
