import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import type { OrganizationId } from '../../src-preload/contract/ids.ts';
import { certificateLife, newSerialNumber, signWithRsa, subjectName } from './certificate-fields.ts';

/**
 * The organization's certificate authority (RFC 5280): one self-signed root that signs device certificates directly.
 * node-forge only assembles; keys and signatures are node:crypto's.
 */
export interface Authority {
  readonly certificatePem: string;
  /** PKCS#8 PEM. Never leaves the coordinator. */
  readonly privateKeyPem: string;
}

const lifeDays = 3652;

/** `now`: milliseconds since the epoch. */
export async function createAuthority(options: {
  readonly organization: { readonly id: OrganizationId; readonly name: string };
  readonly now: number;
}): Promise<Authority> {
  const { organization, now } = options;
  const { publicKey, privateKey } = await generateRsaKeys();

  const certificate = forge.pki.createCertificate();
  const subject = subjectName(`Letterlock authority ${organization.id}`, organization.name);
  certificate.serialNumber = newSerialNumber();
  Object.assign(certificate.validity, certificateLife(now, lifeDays));
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' }
  ]);
  signWithRsa(certificate, privateKey);
  return { certificatePem: forge.pki.certificateToPem(certificate), privateKeyPem: privateKey };
}

/** A new RSA 3072 key pair: SPKI and PKCS#8, PEM. Made off the event loop. */
export const generateRsaKeys = (): Promise<{ publicKey: string; privateKey: string }> =>
  promisify(generateKeyPair)('rsa', {
    modulusLength: 3072,
    publicExponent: 0x10001,
    publicKeyEncoding: { format: 'pem', type: 'spki' },
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' }
  });
