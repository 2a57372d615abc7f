import { randomBytes, sign } from 'node:crypto';
import forge from 'node-forge';

/** What every certificate and request is made with. node-forge assembles them; it never sees a private key. */

const day = 24 * 60 * 60 * 1000;
/** Clocks of machines in one organization differ. */
const clockSkew = 60 * 60 * 1000;

export const certificateLife = (now: number, days: number): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(now - clockSkew),
  notAfter: new Date(now + days * day)
});

/** 128 random bits, hex; the leading 01 keeps the INTEGER positive and minimal (RFC 5280 4.1.2.2). */
export const newSerialNumber = (): string => `01${randomBytes(16).toString('hex')}`;

/** UTF8String attributes, cut to the upper bounds of RFC 5280 appendix A (64 characters each). */
export function subjectName(commonName: string, organization?: string): forge.pki.CertificateField[] {
  const field = (shortName: string, value: string): forge.pki.CertificateField => ({
    shortName,
    value: [...value].slice(0, 64).join(''),
    // forge wants its own number for the tag, the types want the enum
    valueTagClass: forge.asn1.Type.UTF8 as unknown as forge.asn1.Class
  });
  return [...(organization === undefined ? [] : [field('O', organization)]), field('CN', commonName)];
}

/** The subject of a certificate that `subjectName` named, to name it again: forge encodes UTF-8 but forgets to decode it. */
export const subjectOf = (certificate: forge.pki.Certificate): forge.pki.CertificateField[] =>
  certificate.subject.attributes.map((field) => ({ ...field, value: forge.util.decodeUtf8(String(field.value)) }));

/**
 * Signs a forge certificate or request with sha256WithRSAEncryption, computed by node:crypto: forge's own takes 300 ms of
 * the event loop. forge hands the DER bytes to its "digest" and asks its "key" for the signature.
 */
export function signWithRsa(
  target: forge.pki.Certificate | forge.pki.CertificateSigningRequest,
  privateKeyPem: string
): void {
  let signedPart = '';
  const digest = {
    algorithm: 'sha256',
    update(bytes: string) {
      signedPart += bytes;
    }
  };
  const key = { sign: () => sign('sha256', Buffer.from(signedPart, 'binary'), privateKeyPem).toString('binary') };
  target.sign(key as unknown as forge.pki.rsa.PrivateKey, digest as unknown as forge.md.MessageDigest);
}
