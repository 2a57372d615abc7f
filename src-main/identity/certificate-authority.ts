import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import type { OrganizationId } from '../../src-preload/contract/ids.ts';
import { certificateLife, newSerialNumber, signWithRsa, subjectName, subjectOf } from './certificate-fields.ts';

/**
 * The organization's certificate authority (RFC 5280): a self-signed root that signs device certificates directly.
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
  return selfSigned(subjectName(`Letterlock authority ${organization.id}`, organization.name), now);
}

/**
 * The next authority, of the same name, and the old one's certificate for its key (`newWithOld` of RFC 4210 4.4.1). Whoever
 * knows only the old one accepts what the new one issued when it is shown with that link, for as long as the old one lives.
 * Issuer and subject of the link are the same, so a path length of 0 allows it (RFC 5280 4.2.1.9).
 */
export async function succeedAuthority(
  old: Authority,
  now: number
): Promise<{ readonly authority: Authority; readonly linkPem: string }> {
  const issuer = forge.pki.certificateFromPem(old.certificatePem);
  const subject = subjectOf(issuer);
  const authority = await selfSigned(subject, now);
  const link = unsigned(subject, forge.pki.certificateFromPem(authority.certificatePem).publicKey);
  Object.assign(link.validity, { notBefore: certificateLife(now, 0).notBefore, notAfter: issuer.validity.notAfter });
  const keyIdentifier = issuer.generateSubjectKeyIdentifier().getBytes();
  link.setExtensions([...extensions(), { name: 'authorityKeyIdentifier', keyIdentifier }]);
  signWithRsa(link, old.privateKeyPem);
  return { authority, linkPem: forge.pki.certificateToPem(link) };
}

async function selfSigned(subject: forge.pki.CertificateField[], now: number): Promise<Authority> {
  const { publicKey, privateKey } = await generateRsaKeys();
  const certificate = unsigned(subject, forge.pki.publicKeyFromPem(publicKey));
  Object.assign(certificate.validity, certificateLife(now, lifeDays));
  certificate.setExtensions(extensions());
  signWithRsa(certificate, privateKey);
  return { certificatePem: forge.pki.certificateToPem(certificate), privateKeyPem: privateKey };
}

function unsigned(subject: forge.pki.CertificateField[], publicKey: forge.pki.PublicKey): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.serialNumber = newSerialNumber();
  certificate.publicKey = publicKey;
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  return certificate;
}

/** forge writes into them. */
const extensions = () => [
  { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
  { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
  { name: 'subjectKeyIdentifier' }
];

/** A new RSA 3072 key pair: SPKI and PKCS#8, PEM. Made off the event loop. */
export const generateRsaKeys = (): Promise<{ publicKey: string; privateKey: string }> =>
  promisify(generateKeyPair)('rsa', {
    modulusLength: 3072,
    publicExponent: 0x10001,
    publicKeyEncoding: { format: 'pem', type: 'spki' },
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' }
  });
