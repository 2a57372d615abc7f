import type { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import { wipe } from '../base/bytes.ts';
import { type Random, type Sealed, sealTo } from '../identity/hpke.ts';
import type { SealingKey } from '../identity/keys.ts';
import { openMessage, sealMessage } from './aead.ts';
import { keyEncryptionKey, type ReleaseParts, sealedKeyContext, wrappedKeyContext } from './key-schedule.ts';

/**
 * The node part. W is the content key under the KEK of both other parts, and is never stored bare: for each holder it is
 * sealed to that holder's key, bound to job and holder. A holder learns W, which opens nothing without J and O.
 */

/** Somebody to seal to. */
export interface Recipient {
  readonly id: DeviceId;
  /** 32 bytes, raw X25519. */
  readonly sealingPublicKey: Uint8Array;
}

/** The one who opens. */
export interface OwnKey {
  readonly id: DeviceId;
  readonly key: SealingKey;
}

/** W from K: 48 bytes. */
export function wrapContentKey(contentKey: Uint8Array, parts: ReleaseParts, job: JobId): Uint8Array {
  const kek = keyEncryptionKey(parts, job);
  try {
    return sealMessage(kek, contentKey, wrappedKeyContext(job));
  } finally {
    wipe(kek);
  }
}

/** K from W. Throws `seal-broken`. */
export function unwrapContentKey(wrapped: Uint8Array, parts: ReleaseParts, job: JobId): Uint8Array {
  const kek = keyEncryptionKey(parts, job);
  try {
    return openMessage(kek, wrapped, wrappedKeyContext(job));
  } finally {
    wipe(kek);
  }
}

/** The sealed key: W for one holder. */
export const sealWrappedKey = (wrapped: Uint8Array, job: JobId, to: Recipient, random?: Random): Promise<Sealed> =>
  sealTo(to.sealingPublicKey, wrapped, sealedKeyContext(job, to.id), random);

/** W from a sealed key. Throws `seal-broken`. */
export const openWrappedKey = (sealedKey: Sealed, job: JobId, holder: OwnKey): Promise<Uint8Array> =>
  holder.key.open(sealedKey, sealedKeyContext(job, holder.id));

export interface Reseal {
  readonly sealedKey: Sealed;
  readonly job: JobId;
  readonly from: OwnKey;
  readonly to: Recipient;
}

/** One holder passes the node part on to the next: no other part is needed and none is learned. Throws `seal-broken`. */
export async function resealFor({ sealedKey, job, from, to }: Reseal, random?: Random): Promise<Sealed> {
  const wrapped = await openWrappedKey(sealedKey, job, from);
  try {
    return await sealWrappedKey(wrapped, job, to, random);
  } finally {
    wipe(wrapped);
  }
}
