import { randomBytes } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { z } from 'zod';
import { toBase64url, wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { base64url, decoded } from './base64url.ts';

/**
 * HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message per encapsulation.
 * Sealing needs only a public key. Opening is reached through the `SealingKey` handle of keys.ts.
 */
const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

const hpkeSizes = { publicKey: 32, privateKey: 32, enc: 32, tag: 16 } as const;
const sealedMax = 4096;

/** What HPKE sealed, as it travels in JSON: `enc` the encapsulated key, `ct` ciphertext and tag. Only for small secrets. */
export const Sealed = z.strictObject({ enc: base64url(hpkeSizes.enc), ct: base64url(hpkeSizes.tag, sealedMax) });
export type Sealed = z.infer<typeof Sealed>;

export interface SealContext {
  /** What the message is for (HPKE `info`). */
  readonly info: Uint8Array;
  /** Whom and what it belongs to (HPKE `aad`). */
  readonly aad: Uint8Array;
}

export interface ExportContext {
  readonly info: Uint8Array;
  /** HPKE `exporter_context`. */
  readonly label: Uint8Array;
  /** Bytes wanted. */
  readonly length: number;
}

/** `bytes` random bytes; tests and vectors inject their own. */
export type Random = (bytes: number) => Uint8Array;

/** Seals `plaintext` (at most 4080 bytes) to a raw X25519 public key. Throws `input-invalid` for a bad key. */
export async function sealTo(
  publicKey: Uint8Array,
  plaintext: Uint8Array,
  { info, aad }: SealContext,
  random: Random = randomBytes
): Promise<Sealed> {
  if (plaintext.length + hpkeSizes.tag > sealedMax) throw new LetterlockError('too-large', 'sealed message');
  const own = Uint8Array.from(plaintext); // the caller may wipe its copy while this waits
  try {
    const context = await sender(publicKey, info, random);
    const ct = await context.seal(own, aad);
    return { enc: toBase64url(new Uint8Array(context.enc)), ct: toBase64url(new Uint8Array(ct)) };
  } finally {
    wipe(own);
  }
}

/** Encapsulates to a raw X25519 public key and exports a secret that only the key's holder can derive from `enc`. */
export async function exportTo(
  publicKey: Uint8Array,
  { info, label, length }: ExportContext,
  random: Random = randomBytes
): Promise<{ enc: Uint8Array; secret: Uint8Array }> {
  const context = await sender(publicKey, info, random);
  return { enc: new Uint8Array(context.enc), secret: new Uint8Array(await context.export(label, length)) };
}

/** The opening half, for keys.ts alone: a raw X25519 private key as two operations. `seal-broken` if anything differs. */
export function recipient(privateKey: Uint8Array, publicKey: Uint8Array) {
  const own = Uint8Array.from(privateKey); // the caller wipes its copy at once
  const keyPair = Promise.all([suite.kem.deserializePrivateKey(own), suite.kem.deserializePublicKey(publicKey)])
    .then(([privateHalf, publicHalf]) => ({ privateKey: privateHalf, publicKey: publicHalf }))
    .finally(() => wipe(own));
  keyPair.catch(() => {}); // reported to whoever uses the key

  const receive = async (enc: Uint8Array, info: Uint8Array) =>
    suite.createRecipientContext({ recipientKey: await keyPair, enc, info });

  return {
    async open(sealed: Sealed, { info, aad }: SealContext): Promise<Uint8Array> {
      try {
        const context = await receive(decoded(sealed.enc), info);
        return new Uint8Array(await context.open(decoded(sealed.ct), aad));
      } catch (cause) {
        throw new LetterlockError('seal-broken', undefined, { cause });
      }
    },
    async exportSecret(enc: Uint8Array, { info, label, length }: ExportContext): Promise<Uint8Array> {
      try {
        const context = await receive(enc, info);
        return new Uint8Array(await context.export(label, length));
      } catch (cause) {
        throw new LetterlockError('seal-broken', undefined, { cause });
      }
    }
  };
}

/** The ephemeral key is DeriveKeyPair(random(Nsk)), RFC 9180 section 7.1.3, so that vectors can be reproduced. */
async function sender(publicKey: Uint8Array, info: Uint8Array, random: Random) {
  const ekm = random(hpkeSizes.privateKey);
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(publicKey);
    return await suite.createSenderContext({ recipientPublicKey, info, ekm });
  } catch (cause) {
    throw new LetterlockError('input-invalid', 'sealing public key', { cause });
  } finally {
    wipe(ekm);
  }
}
