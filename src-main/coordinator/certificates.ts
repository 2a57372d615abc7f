import { X509Certificate } from 'node:crypto';
import type { DeviceId } from '../../src-preload/contract/index.ts';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import { readCertificateRequest } from '../identity/certificate-request.ts';
import { isIssuedBy, issueDeviceCertificate, readDeviceCertificate } from '../identity/device-certificate.ts';
import { keyDescriptor, keyDescriptorDigest } from '../identity/key-descriptor.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import type { Perform } from './act.ts';
import type { CoordinatorIdentity } from './identity.ts';

/** Certificates of paired machines: short-lived, and renewed by the machine itself while it is approved. */
export interface Certificates {
  /** A certificate for a new TLS key, PEM, and the link to an older authority if there is one. The other two keys stay: sealed jobs hang on them. `rate-limited`. */
  renew(device: DirectoryDevice, csrPem: string): Promise<string>;
  /**
   * A machine has shown this one. Notes when it is of the newest authority: what was issued may never have arrived, and the
   * authority before must count until then.
   */
  shown(device: DeviceId, certificate: X509Certificate): Promise<void>;
}

/** Machines renew after two thirds of it; one that was switched off for longer than it pairs again. */
const lifeDays = 90;
/** Issuing takes a signature of the authority: a machine gets one so often. */
const renewalMs = 60_000;

export function issueCertificate(
  identity: CoordinatorIdentity,
  device: { readonly id: DeviceId; readonly name: string; readonly descriptorSha256: string },
  publicKeyPem: string,
  now: number
): { readonly certificate: string; readonly expires: number; readonly authority: string } {
  const certificate = issueDeviceCertificate({
    authority: identity.authority,
    publicKeyPem,
    device: device.id,
    organization: identity.organization,
    descriptorSha256: device.descriptorSha256,
    name: device.name,
    days: lifeDays,
    now
  });
  const { validTo } = readDeviceCertificate(certificate);
  return {
    certificate: certificate + identity.linkPem,
    expires: validTo,
    authority: authoritySha256(identity.authority.certificatePem)
  };
}

/** SHA-256 of an authority's certificate, lower-case hex: what it is called in the database. */
export const authoritySha256 = (certificatePem: string): string =>
  new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase();

export function createCertificates(options: {
  readonly identity: CoordinatorIdentity;
  readonly perform: Perform;
  readonly clock: Clock;
}): Certificates {
  const { identity, perform, clock } = options;
  const renewed = new Map<DeviceId, number>();
  /** By machine, the authority that is noted. */
  const noted = new Map<DeviceId, string>();

  return {
    renew: ({ id, name, signing, sealing }, csrPem) =>
      perform(`device:${id}`, async ({ tables, record }) => {
        const now = clock.now();
        if (now - (renewed.get(id) ?? 0) < renewalMs) throw new LetterlockError('rate-limited');
        const { publicKeyPem } = readCertificateRequest(csrPem);
        const keys = keyDescriptor({ signing: decoded(signing), sealing: decoded(sealing) });
        const device = { id, name, descriptorSha256: keyDescriptorDigest(keys) };
        const { certificate, expires } = issueCertificate(identity, device, publicKeyPem, now);
        await tables.devices.setCertificateExpires(id, expires);
        record('device.certificate-renewed', id, { expires });
        renewed.set(id, now);
        return certificate;
      }),

    async shown(device, certificate) {
      const { certificatePem } = identity.authority;
      const authority = authoritySha256(certificatePem);
      // Where there is no authority before this one, nobody asks.
      if (identity.linkPem === '' || noted.get(device) === authority) return;
      if (!isIssuedBy(certificate, certificatePem, clock.now())) return;
      noted.set(device, authority);
      await perform(`device:${device}`, ({ tables }) => tables.devices.setCertificateAuthority(device, authority));
    }
  };
}
