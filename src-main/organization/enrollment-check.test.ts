import { randomUUID, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { toBase64url } from '../base/bytes.ts';
import { issueDeviceCertificate } from '../identity/device-certificate.ts';
import { createTestOrganization } from '../identity/testing/organization.ts';
import { checkEnrollment } from './enrollment-check.ts';

const [ours, theirs] = await Promise.all([createTestOrganization(), createTestOrganization()]);
const [coordinator, laptop] = await Promise.all([ours.machine('Coordinator'), ours.machine('Laptop')]);
const good = ours.enrollment(laptop, coordinator, 'https://127.0.0.1:1');
const shown = new X509Certificate(coordinator.tls.certificatePem);
const now = Date.now();

/** Says the same as the real one; another authority has signed it. */
const forged = issueDeviceCertificate({
  authority: theirs.authority,
  publicKeyPem: new X509Certificate(good.certificate).publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  device: laptop.id,
  organization: ours.organization.id,
  descriptorSha256: laptop.descriptorSha256,
  name: laptop.name,
  now
});

test('an enrollment that hangs together is accepted', () => {
  expect(() => checkEnrollment(good, shown, now)).not.toThrow();
});

test.each([
  ['authority', { authority: theirs.authority.certificatePem, certificate: forged }],
  ['authority', { authority: coordinator.tls.certificatePem }],
  ['certificate', { certificate: forged }],
  ['organization', { organization: { ...good.organization, id: theirs.organization.id } }],
  ['coordinator', { coordinator: { ...good.coordinator, id: laptop.id } }],
  ['keys', { coordinator: { ...good.coordinator, signing: toBase64url(laptop.signing.publicKey) } }],
  ['keys', { coordinator: { ...good.coordinator, sealing: toBase64url(laptop.sealing.publicKey) } }],
  ['keys', { coordinator: { ...good.coordinator, sealing: randomUUID() } }],
  ['url', { coordinator: { ...good.coordinator, url: 'http://127.0.0.1:1' } }],
  ['url', { coordinator: { ...good.coordinator, url: '127.0.0.1' } }]
])('a wrong %s is refused', (name, change) => {
  expect(() => checkEnrollment({ ...good, ...change }, shown, now)).toThrow(`enrollment: ${name}`);
});

test('nothing is accepted from a coordinator whose certificate has run out', () => {
  expect(() => checkEnrollment(good, shown, now + 31 * 86_400_000)).toThrow('enrollment: authority');
});
