import { createHash, createPublicKey, verify } from 'node:crypto';
import forge from 'node-forge';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { signWithRsa, subjectName } from './certificate-fields.ts';

/**
 * Certificate requests (PKCS#10, RFC 2986) with RSA keys. Only the key of a request counts: names and roles are claimed and
 * approved elsewhere, and nothing else in a request reaches a certificate.
 */
export interface CertificateRequest {
  /** SPKI. */
  readonly publicKeyPem: string;
  /** SHA-256 of the DER request, lower-case hex. */
  readonly sha256: string;
}

export function createCertificateRequest(options: { readonly privateKeyPem: string; readonly name: string }): string {
  const publicKeyPem = createPublicKey(options.privateKeyPem).export({ format: 'pem', type: 'spki' }).toString();
  const request = forge.pki.createCertificationRequest();
  request.publicKey = forge.pki.publicKeyFromPem(publicKeyPem);
  request.setSubject(subjectName(options.name));
  signWithRsa(request, options.privateKeyPem);
  return forge.pki.certificationRequestToPem(request);
}

const pem = /^-----BEGIN CERTIFICATE REQUEST-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE REQUEST-----\s*$/;

/**
 * Reads a request from a stranger: bounded, exactly one, signed by its own key with SHA-256, RSA of 3072 to 4096 bits.
 * Throws `input-invalid`.
 */
export function readCertificateRequest(csrPem: string): CertificateRequest {
  const body = csrPem.length <= limits.csr ? pem.exec(csrPem)?.[1] : undefined;
  if (!body) throw refuse('not a certificate request');
  const der = Buffer.from(body, 'base64');

  const { publicKeyPem, signedPart, signature } = parsed(der);
  const key = createPublicKey(publicKeyPem);
  const { modulusLength = 0, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < 3072 || modulusLength > 4096 || publicExponent !== 0x10001n) throw refuse('key');
  if (!verify('sha256', signedPart, key, signature)) throw refuse('signature');
  return { publicKeyPem, sha256: createHash('sha256').update(der).digest('hex') };
}

/** forge takes it apart; the signature is node:crypto's to check. */
function parsed(der: Buffer): { publicKeyPem: string; signedPart: Buffer; signature: Buffer } {
  try {
    const structure = forge.asn1.fromDer(forge.util.createBuffer(der.toString('binary')));
    const request = forge.pki.certificationRequestFromAsn1(structure);
    const [info] = structure.value;
    if (request.signatureOid !== forge.pki.oids.sha256WithRSAEncryption || !info || typeof info === 'string') {
      throw refuse('signature algorithm');
    }
    return {
      publicKeyPem: forge.pki.publicKeyToPem(request.publicKey as forge.pki.rsa.PublicKey),
      signedPart: Buffer.from(forge.asn1.toDer(info).getBytes(), 'binary'),
      signature: Buffer.from(request.signature, 'binary')
    };
  } catch (cause) {
    throw cause instanceof LetterlockError
      ? cause
      : new LetterlockError('input-invalid', 'certificate request', { cause });
  }
}

const refuse = (detail: string) => new LetterlockError('input-invalid', `certificate request: ${detail}`);
