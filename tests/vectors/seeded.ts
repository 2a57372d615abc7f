import { createHash } from 'node:crypto';
import type { Random } from '../../src-main/identity/hpke.ts';
import { type SealingKey, type SigningKey, sealingKey, signingKey } from '../../src-main/identity/keys.ts';
import { DeviceId, GrantId, JobId, OrganizationId, PrinterId, UserId } from '../../src-preload/contract/ids.ts';

/** Randomness and keys that come out the same on every run. For vectors and tests: never for anything real. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      const block = createHash('sha256').update(`${seed}/${counter++}`).digest();
      bytes.set(block.subarray(0, length - at), at);
    }
    return bytes;
  };
}

/** PKCS#8 (RFC 8410) of a raw 32-byte private key. */
const pkcs8 = (oid: '6e' | '70', raw: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`302e020100300506032b65${oid}04220420`, 'hex'), raw]);

export const sealingKeyFromRaw = (raw: Uint8Array): SealingKey => sealingKey(pkcs8('6e', raw));
export const signingKeyFromRaw = (raw: Uint8Array): SigningKey => signingKey(pkcs8('70', raw));

export interface SeededDevice {
  readonly id: DeviceId;
  readonly sealingPrivateKey: Uint8Array;
  readonly sealingPublicKey: Uint8Array;
  readonly key: SealingKey;
  readonly signingKey: SigningKey;
}

/** A device whose id and keys follow from its name. */
export function seededDevice(name: string): SeededDevice {
  const random = seededRandom(`device/${name}`);
  const sealingPrivateKey = random(32);
  const key = sealingKeyFromRaw(sealingPrivateKey);
  return {
    id: DeviceId.parse(seededUuid(name)),
    sealingPrivateKey,
    sealingPublicKey: key.publicKey,
    key,
    signingKey: signingKeyFromRaw(random(32))
  };
}

/** A version 4 UUID that follows from a name. */
export function seededUuid(name: string): string {
  const bytes = Buffer.from(seededRandom(`uuid/${name}`)(16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const seededIds = {
  job: JobId.parse(seededUuid('job')),
  otherJob: JobId.parse(seededUuid('other job')),
  organization: OrganizationId.parse(seededUuid('organization')),
  owner: UserId.parse(seededUuid('owner')),
  grant: GrantId.parse(seededUuid('grant')),
  otherGrant: GrantId.parse(seededUuid('other grant')),
  printer: PrinterId.parse(seededUuid('printer')),
  otherPrinter: PrinterId.parse(seededUuid('other printer'))
} as const;

/** A document of which no two segments are alike. */
export const seededDocument = (size: number): Uint8Array => seededRandom('document')(size);
