import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import forge from 'node-forge';
import { z } from 'zod';
import { readJson, writeFileAtomic, writeJsonAtomic } from '../base/atomic-file.ts';
import { utf8 } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { generateRsaKeys } from './certificate-authority.ts';
import { certificateLife, newSerialNumber, signWithRsa, subjectName } from './certificate-fields.ts';
import type { SecretStore } from './safe-secret.ts';

export interface LoopbackCertificate {
  /** PKCS#8 PEM. */
  readonly key: string;
  /** X.509 PEM, self-signed. */
  readonly cert: string;
}

/**
 * The certificate that print systems see at a printer server: made once, valid for ten years, renewed in its last one, or when it
 * can't be read or lacks one of `names`. CUPS pins it by host name and stops the queue over another one that doesn't
 * expire later than the one it knows: so every renewal does. Its expiry is therefore kept twice, in the certificate and
 * beside the key, and either file may be lost. It is not the device certificate and proves nothing to other machines.
 * `names`: DNS names and addresses. Throws what the file system throws.
 */
export async function openLoopbackCertificate({
  dataDir,
  secrets,
  clock,
  logger,
  names = ['localhost', '127.0.0.1', '::1']
}: {
  readonly dataDir: string;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly names?: readonly string[];
}): Promise<LoopbackCertificate> {
  const folder = join(dataDir, 'loopback');
  const [keyPath, certificatePath] = [join(folder, 'key.json'), join(folder, 'certificate.pem')];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stored = await readKey(keyPath, logger);
  const certificate = await readCertificate(certificatePath);
  const key = stored && (await revealed(stored.key, secrets));
  if (key && certificate && fits(certificate, key, names, clock.now())) return { key, cert: certificate.toString() };

  const expired = Math.max(stored?.expires ?? 0, certificate ? Date.parse(certificate.validTo) : 0);
  if (expired > 0) logger.warn({ expired }, 'the certificate of the virtual printer is renewed');
  const { publicKey, privateKey } = await generateRsaKeys();
  const life = certificateLife(clock.now(), lifeDays);
  const notAfter = new Date(Math.max(life.notAfter.getTime(), expired + day));
  const made = selfSigned({ publicKey, privateKey, names, life: { ...life, notAfter } });
  const protectedKey = Buffer.from(await secrets.protect(utf8(privateKey))).toString('base64');
  // the key with the new expiry first: a crash between the two leaves files that don't fit, and the next renewal later still
  await writeJsonAtomic(keyPath, { expires: notAfter.getTime(), key: protectedKey });
  await writeFileAtomic(certificatePath, utf8(made));
  return { key: privateKey, cert: made };
}

const day = 24 * 60 * 60 * 1000;
const lifeDays = 3652;
const renewalDays = 365;

/** `expires`: of its certificate, milliseconds since the epoch. `key`: as the secret store gave it, base64. */
const KeyFile = z.object({ expires: z.number().int().nonnegative(), key: z.base64() });

async function readKey(path: string, logger: Logger): Promise<z.infer<typeof KeyFile> | null> {
  try {
    return await readJson(path, KeyFile);
  } catch (error) {
    if (!isDamage(error)) throw error;
    logger.warn({ error }, 'the key of the virtual printer is damaged');
    return null;
  }
}

const isDamage = (error: unknown): boolean => error instanceof LetterlockError && error.code === 'storage-damaged';

async function readCertificate(path: string): Promise<X509Certificate | null> {
  try {
    return new X509Certificate(await readFile(path));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code.startsWith('ERR_OSSL') || code.startsWith('ERR_CRYPTO')) return null;
    throw error;
  }
}

/** Null: this store can't open it any more. */
async function revealed(key: string, secrets: SecretStore): Promise<string | null> {
  try {
    return Buffer.from(await secrets.reveal(Buffer.from(key, 'base64'))).toString('utf8');
  } catch (error) {
    if (isDamage(error)) return null;
    throw error;
  }
}

function fits(certificate: X509Certificate, key: string, names: readonly string[], now: number): boolean {
  try {
    return (
      certificate.checkPrivateKey(createPrivateKey(key)) &&
      Date.parse(certificate.validTo) > now + renewalDays * day &&
      names.every((name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined)
    );
  } catch {
    return false; // the key is none
  }
}

function selfSigned(content: {
  publicKey: string;
  privateKey: string;
  names: readonly string[];
  life: { notBefore: Date; notAfter: Date };
}): string {
  const certificate = forge.pki.createCertificate();
  const subject = subjectName(content.names[0] ?? 'localhost', 'Letterlock virtual printer');
  certificate.serialNumber = newSerialNumber();
  Object.assign(certificate.validity, content.life);
  certificate.publicKey = forge.pki.publicKeyFromPem(content.publicKey);
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: content.names.map((name) => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name }))
    },
    { name: 'subjectKeyIdentifier' }
  ]);
  signWithRsa(certificate, content.privateKey);
  return new X509Certificate(forge.pki.certificateToPem(certificate)).toString(); // in OpenSSL's layout, as it is read again
}
