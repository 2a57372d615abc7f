import type { X509Certificate } from 'node:crypto';
import { fromBase64url } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { isIssuedBy, readDeviceCertificate } from '../identity/device-certificate.ts';
import { keyDescriptor, keyDescriptorDigest } from '../identity/key-descriptor.ts';
import type { Enrollment } from '../protocol/pairing-api.ts';

/**
 * What people compared (or a token named) is the certificate that the coordinator showed while pairing. All that it handed
 * out must hang on that certificate: the authority that issued it, its device id, its keys; and our own certificate on the
 * same authority. That ours is for our keys is for `saveEnrollment` to check. Throws `certificate-invalid`.
 */
export function checkEnrollment(enrollment: Enrollment, shown: X509Certificate, now: number): void {
  const { authority, certificate, coordinator, organization } = enrollment;
  const signing = fromBase64url(coordinator.signing);
  const sealing = fromBase64url(coordinator.sealing);
  const said = readDeviceCertificate(shown);
  const checks = {
    authority: isIssuedBy(shown, authority, now),
    certificate: isIssuedBy(certificate, authority, now),
    organization: said.organization === organization.id,
    coordinator: said.device === coordinator.id,
    keys: signing && sealing && said.descriptorSha256 === keyDescriptorDigest(keyDescriptor({ signing, sealing })),
    url: URL.canParse(coordinator.url) && new URL(coordinator.url).protocol === 'https:'
  };
  const wrong = Object.entries(checks).find(([, right]) => !right);
  if (wrong) throw new LetterlockError('certificate-invalid', `enrollment: ${wrong[0]}`);
}
