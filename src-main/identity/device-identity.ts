import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DeviceId, OrganizationId } from '../../src-preload/contract/ids.ts';
import { readJson, syncFolder, writeJsonAtomic } from '../base/atomic-file.ts';
import { toBase64url, utf8, wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { base64url, decoded } from './base64url.ts';
import { generateRsaKeys } from './certificate-authority.ts';
import { isIssuedBy, readDeviceCertificate } from './device-certificate.ts';
import { Enrollment } from './enrollment.ts';
import { keyDescriptor, keyDescriptorDigest } from './key-descriptor.ts';
import {
  generateSealingKey,
  generateSigningKey,
  type SealingKey,
  type SigningKey,
  sealingKey,
  signingKey
} from './keys.ts';
import type { SecretStore } from './safe-secret.ts';
import type { TlsIdentity } from './tls.ts';

/** A paired machine: its certificate, its three private keys as handles, and the organization it belongs to. */
export interface DeviceIdentity {
  readonly id: DeviceId;
  readonly name: string;
  readonly organization: { readonly id: OrganizationId; readonly name: string };
  readonly enrollment: Enrollment;
  /** As it is now: renewals replace it. */
  readonly tls: TlsIdentity;
  onRenewed(listener: () => void): () => void;
  readonly signing: SigningKey;
  readonly sealing: SealingKey;
}

/** Private keys of a device in the making. PKCS#8: PEM for RSA, DER for Ed25519 and X25519. */
export interface DeviceKeyMaterial {
  readonly tlsPrivateKeyPem: string;
  readonly signing: Uint8Array;
  readonly sealing: Uint8Array;
}

export async function createDeviceKeys(): Promise<DeviceKeyMaterial> {
  const { privateKey } = await generateRsaKeys();
  return { tlsPrivateKeyPem: privateKey, signing: generateSigningKey(), sealing: generateSealingKey() };
}

const Keys = z.strictObject({ tls: z.string().max(8192), signing: base64url(16, 128), sealing: base64url(16, 128) });

/** `keys`: the JSON text of `Keys` as the secret store protects it, base64url. */
const IdentityFile = z.strictObject({ v: z.literal(1), enrollment: Enrollment, keys: base64url(1, 64 * 1024) });

const folderOf = (dataDir: string): string => join(dataDir, 'identity');
const fileIn = (dataDir: string): string => join(folderOf(dataDir), 'identity.json');

/**
 * Null when this machine is not paired. `storage-damaged` when its file cannot be read or its parts do not belong
 * together; the file then stays as it is, so that nothing pairs over it unasked.
 */
export async function openDeviceIdentity(dataDir: string, secrets: SecretStore): Promise<DeviceIdentity | null> {
  const file = await readJson(fileIn(dataDir), IdentityFile, { damaged: 'keep' });
  if (!file) return null;
  const plain = await secrets.reveal(decoded(file.keys));
  try {
    const keys = parseKeys(plain);
    const material = {
      tlsPrivateKeyPem: keys.tls,
      signing: decoded(keys.signing),
      sealing: decoded(keys.sealing)
    };
    return deviceIdentity(material, file.enrollment);
  } catch {
    // The parser's error could quote a key: it goes no further.
    throw new LetterlockError('storage-damaged', 'identity.json');
  } finally {
    wipe(plain);
  }
}

/** Writes `<dataDir>/identity/identity.json` as a whole (folder 0700, file 0600), then opens it. */
export async function saveEnrollment(options: {
  readonly dataDir: string;
  readonly secrets: SecretStore;
  readonly keys: DeviceKeyMaterial;
  readonly enrollment: Enrollment;
}): Promise<DeviceIdentity> {
  const { dataDir, secrets, keys, enrollment } = options;
  const identity = deviceIdentity(keys, enrollment);
  await mkdir(folderOf(dataDir), { recursive: true, mode: 0o700 });
  await syncFolder(dataDir);
  await writeIdentity({ dataDir, secrets }, enrollment, {
    tls: keys.tlsPrivateKeyPem,
    signing: toBase64url(keys.signing),
    sealing: toBase64url(keys.sealing)
  });
  return identity;
}

/**
 * Puts a new TLS key and its certificate in the place of the old ones, on disk first. `certificate-invalid` unless the
 * certificate is this device's, for this key, by the same authority.
 */
export async function replaceCertificate(
  identity: DeviceIdentity,
  renewed: { readonly privateKeyPem: string; readonly certificatePem: string; readonly now: number },
  at: { readonly dataDir: string; readonly secrets: SecretStore }
): Promise<void> {
  const { privateKeyPem, certificatePem, now } = renewed;
  const { authorityPem } = identity.tls;
  const { device, organization, descriptorSha256 } = readDeviceCertificate(certificatePem);
  const descriptor = keyDescriptor({ signing: identity.signing.publicKey, sealing: identity.sealing.publicKey });
  const ours =
    device === identity.id &&
    organization === identity.organization.id &&
    descriptorSha256 === keyDescriptorDigest(descriptor) &&
    new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem)) &&
    isIssuedBy(certificatePem, authorityPem, now);
  if (!ours) throw new LetterlockError('certificate-invalid', 'renewed certificate');
  const file = await readJson(fileIn(at.dataDir), IdentityFile, { damaged: 'keep' });
  if (!file) throw new LetterlockError('storage-damaged', 'identity.json');
  const plain = await at.secrets.reveal(decoded(file.keys));
  try {
    const keys = { ...parseKeys(plain), tls: privateKeyPem };
    await writeIdentity(at, { ...file.enrollment, certificate: certificatePem }, keys);
  } finally {
    wipe(plain);
  }
  renewals.get(identity)?.({ keyPem: privateKeyPem, certificatePem, authorityPem });
}

/**
 * Trusts these certificate authorities (PEM, first the one that issues now) instead of those it knew, on disk first. Whoever
 * calls knows that the coordinator says so. `certificate-invalid` when this machine's own certificate would count no more.
 */
export async function trustAuthorities(
  identity: DeviceIdentity,
  authorityPem: string,
  { dataDir, now }: { readonly dataDir: string; readonly now: number }
): Promise<void> {
  if (!isIssuedBy(identity.tls.certificatePem, authorityPem, now))
    throw new LetterlockError('certificate-invalid', 'authorities of another organization');
  const file = await readJson(fileIn(dataDir), IdentityFile, { damaged: 'keep' });
  if (!file) throw new LetterlockError('storage-damaged', 'identity.json');
  const enrollment = { ...file.enrollment, authority: authorityPem };
  await writeJsonAtomic(fileIn(dataDir), { ...file, enrollment });
  renewals.get(identity)?.({ ...identity.tls, authorityPem });
}

async function writeIdentity(
  { dataDir, secrets }: { readonly dataDir: string; readonly secrets: SecretStore },
  enrollment: Enrollment,
  keys: z.infer<typeof Keys>
): Promise<void> {
  const plain = utf8(JSON.stringify(keys));
  try {
    const protectedKeys = toBase64url(await secrets.protect(plain));
    await writeJsonAtomic(fileIn(dataDir), { v: 1, enrollment, keys: protectedKeys });
  } finally {
    wipe(plain);
  }
}

/** The parser's error could quote a key: it goes no further. */
function parseKeys(plain: Uint8Array): z.infer<typeof Keys> {
  try {
    return Keys.parse(JSON.parse(Buffer.from(plain).toString('utf8')));
  } catch {
    throw new LetterlockError('storage-damaged', 'identity.json');
  }
}

/** The certificate must be for these three keys and this device; anything else is `certificate-invalid`. */
function deviceIdentity(keys: DeviceKeyMaterial, enrollment: Enrollment): DeviceIdentity {
  const signing = signingKey(keys.signing);
  const sealing = sealingKey(keys.sealing);
  const descriptor = keyDescriptor({ signing: signing.publicKey, sealing: sealing.publicKey });
  const certificate = new X509Certificate(enrollment.certificate);
  const { device, organization, descriptorSha256 } = readDeviceCertificate(certificate);
  const ours =
    certificate.checkPrivateKey(createPrivateKey(keys.tlsPrivateKeyPem)) &&
    descriptorSha256 === keyDescriptorDigest(descriptor) &&
    device === enrollment.device &&
    organization === enrollment.organization.id;
  if (!ours) throw new LetterlockError('certificate-invalid', 'not of this device');
  let tls: TlsIdentity = {
    keyPem: keys.tlsPrivateKeyPem,
    certificatePem: enrollment.certificate,
    authorityPem: enrollment.authority
  };
  const listeners = new Set<() => void>();
  const identity: DeviceIdentity = {
    id: device,
    name: enrollment.name,
    organization: { id: organization, name: enrollment.organization.name },
    enrollment,
    get tls() {
      return tls;
    },
    onRenewed(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signing,
    sealing
  };
  renewals.set(identity, (next) => {
    tls = next;
    for (const listener of listeners) listener();
  });
  return identity;
}

/** How an identity is told of its new certificate: nobody but this file can. */
const renewals = new WeakMap<DeviceIdentity, (next: TlsIdentity) => void>();
