import { randomUUID } from 'node:crypto';
import { DeviceId, OrganizationId } from '../../../src-preload/contract/ids.ts';
import { toBase64url } from '../../base/bytes.ts';
import { createAuthority } from '../certificate-authority.ts';
import { createCertificateRequest, readCertificateRequest } from '../certificate-request.ts';
import { issueDeviceCertificate } from '../device-certificate.ts';
import { createDeviceKeys } from '../device-identity.ts';
import type { Enrollment } from '../enrollment.ts';
import { keyDescriptor, keyDescriptorDigest } from '../key-descriptor.ts';
import { sealingKey, signingKey } from '../keys.ts';

/** An organization with a real authority, real keys and real certificates, for tests. */
export async function createTestOrganization(now: number = Date.now()) {
  const organization = { id: OrganizationId.parse(randomUUID()), name: 'Test & Söhne' };
  const authority = await createAuthority({ organization, now });

  /** A machine with a certificate; `issuedAt` and `days` make expired ones. */
  async function machine(name: string, { issuedAt = now, days = 30 } = {}) {
    const id = DeviceId.parse(randomUUID());
    const keys = await createDeviceKeys();
    const signing = signingKey(keys.signing);
    const sealing = sealingKey(keys.sealing);
    const csr = createCertificateRequest({ privateKeyPem: keys.tlsPrivateKeyPem, name });
    const publicKeys = { signing: signing.publicKey, sealing: sealing.publicKey };
    const descriptorSha256 = keyDescriptorDigest(keyDescriptor(publicKeys));
    const { publicKeyPem } = readCertificateRequest(csr);
    const issue = (at: number = issuedAt) =>
      issueDeviceCertificate({
        authority,
        publicKeyPem,
        device: id,
        organization: organization.id,
        descriptorSha256,
        name,
        now: at,
        days,
        hosts: ['localhost', '127.0.0.1']
      });
    const tls = { keyPem: keys.tlsPrivateKeyPem, certificatePem: issue(), authorityPem: authority.certificatePem };
    return { id, name, keys, signing, sealing, descriptorSha256, tls, issue };
  }
  type Machine = Awaited<ReturnType<typeof machine>>;

  /** What `coordinator` at `url` hands to `device`. */
  const enrollment = (device: Machine, coordinator: Machine, url: string): Enrollment => ({
    device: device.id,
    name: device.name,
    roles: ['client'],
    certificate: device.tls.certificatePem,
    authority: authority.certificatePem,
    organization,
    coordinator: {
      id: coordinator.id,
      url,
      signing: toBase64url(coordinator.signing.publicKey),
      sealing: toBase64url(coordinator.sealing.publicKey)
    }
  });

  return { organization, authority, machine, enrollment };
}
export type TestOrganization = Awaited<ReturnType<typeof createTestOrganization>>;
