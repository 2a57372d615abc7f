import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';
import { DeviceId, OrganizationId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Authority } from './certificate-authority.ts';
import { certificateLife, newSerialNumber, signWithRsa, subjectName, subjectOf } from './certificate-fields.ts';

/**
 * Device certificates (RFC 5280): the SAN URI `urn:letterlock:<organization>:<device>:<descriptor SHA-256>` names the
 * machine and its two other public keys, so that one chain authenticates all three. Short-lived.
 */
export interface DeviceCertificate {
  readonly device: DeviceId;
  readonly organization: OrganizationId;
  /** SHA-256 of the key descriptor, lower-case hex. */
  readonly descriptorSha256: string;
  /** Milliseconds since the epoch. */
  readonly validTo: number;
  /** SHA-256 of the DER certificate, lower-case hex. */
  readonly sha256: string;
}

export function issueDeviceCertificate(options: {
  readonly authority: Authority;
  /** SPKI PEM, as `readCertificateRequest` gives it. */
  readonly publicKeyPem: string;
  readonly device: DeviceId;
  readonly organization: OrganizationId;
  readonly descriptorSha256: string;
  readonly name: string;
  /** Life in days, default 30. */
  readonly days?: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** DNS names and IP addresses for foreign clients (browsers, curl); our own look at the device id instead. */
  readonly hosts?: readonly string[];
}): string {
  const { authority, device, organization, descriptorSha256, hosts = [], days = 30 } = options;
  const issuer = forge.pki.certificateFromPem(authority.certificatePem);
  const identifier = `urn:letterlock:${organization}:${device}:${descriptorSha256}`;
  if (!uri.test(`URI:${identifier}`)) throw new LetterlockError('input-invalid', 'device certificate');

  const certificate = forge.pki.createCertificate();
  certificate.serialNumber = newSerialNumber();
  Object.assign(certificate.validity, certificateLife(options.now, days));
  certificate.publicKey = forge.pki.publicKeyFromPem(options.publicKeyPem);
  certificate.setSubject(subjectName(options.name));
  certificate.setIssuer(subjectOf(issuer));
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    { name: 'subjectAltName', altNames: [{ type: 6, value: identifier }, ...hosts.map(alternativeName)] },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() }
  ]);
  signWithRsa(certificate, authority.privateKeyPem);
  return forge.pki.certificateToPem(certificate);
}

/** Reads what a certificate says; whether the authority signed it is for TLS (or `isIssuedBy`) to say. Throws `certificate-invalid`. */
export function readDeviceCertificate(certificate: X509Certificate | string): DeviceCertificate {
  const x509 = typeof certificate === 'string' ? parsed(certificate) : certificate;
  const names = (x509.subjectAltName ?? '').split(', ').flatMap((name) => uri.exec(name) ?? []);
  const [, organization, device, descriptorSha256] = names;
  if (names.length !== 4 || !descriptorSha256) throw new LetterlockError('certificate-invalid', 'not of a device');
  return {
    device: DeviceId.parse(device),
    organization: OrganizationId.parse(organization),
    descriptorSha256,
    validTo: Date.parse(x509.validTo),
    sha256: x509.fingerprint256.replaceAll(':', '').toLowerCase()
  };
}

/** True when one of `authorityPem` is a certificate authority that signed this certificate and both are within their lives. */
export function isIssuedBy(certificate: X509Certificate | string, authorityPem: string, now: number): boolean {
  const x509 = typeof certificate === 'string' ? parsed(certificate) : certificate;
  return certificatesIn(authorityPem).some((pem) => {
    const authority = parsed(pem);
    const alive = [x509, authority].every(
      ({ validFrom, validTo }) => Date.parse(validFrom) <= now && now < Date.parse(validTo)
    );
    return alive && authority.ca && x509.checkIssued(authority) && x509.verify(authority.publicKey);
  });
}

/** The certificates of a PEM text, each as PEM, in their order. A text without any stands for itself. */
export function certificatesIn(pem: string): string[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  return found ? found.map((one) => `${one}\n`) : [pem];
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const uri = new RegExp(`^URI:urn:letterlock:(${uuid}):(${uuid}):([0-9a-f]{64})$`);

/** GeneralName: 7 iPAddress, 2 dNSName. */
function alternativeName(host: string): object {
  if (isIP(host)) return { type: 7, ip: host };
  if (/^[A-Za-z0-9*]([A-Za-z0-9.-]{0,251})$/.test(host)) return { type: 2, value: host };
  throw new LetterlockError('input-invalid', 'host name of a certificate');
}

function parsed(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new LetterlockError('certificate-invalid', undefined, { cause });
  }
}
