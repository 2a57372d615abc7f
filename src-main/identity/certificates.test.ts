import { execFile } from 'node:child_process';
import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { generateRsaKeys } from './certificate-authority.ts';
import { createCertificateRequest, readCertificateRequest } from './certificate-request.ts';
import { isIssuedBy, issueDeviceCertificate, readDeviceCertificate } from './device-certificate.ts';
import { createTestOrganization } from './testing/organization.ts';

const run = promisify(execFile);
const openssl = await run('openssl', ['version']).then(
  () => true,
  () => false
);
const ours = await createTestOrganization();
const laptop = await ours.machine('Laptop in Zürich, "2. OG"');

test('a device certificate says who it is for and which other keys belong to it', () => {
  const certificate = readDeviceCertificate(laptop.tls.certificatePem);
  expect(certificate).toMatchObject({
    device: laptop.id,
    organization: ours.organization.id,
    descriptorSha256: laptop.descriptorSha256
  });
  const { raw, ca } = new X509Certificate(laptop.tls.certificatePem);
  expect(certificate.sha256).toBe(createHash('sha256').update(raw).digest('hex'));
  expect(ca).toBe(false);
});

test.skipIf(!openssl)('openssl accepts the chain, strictly, for both ends of TLS', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-certificates-'));
  try {
    await writeFile(join(folder, 'authority.pem'), ours.authority.certificatePem);
    await writeFile(join(folder, 'device.pem'), laptop.tls.certificatePem);
    for (const purpose of ['sslclient', 'sslserver']) {
      const options = ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'authority.pem', 'device.pem'];
      expect((await run('openssl', options, { cwd: folder })).stdout).toBe('device.pem: OK\n');
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('only a living certificate of the same authority counts as issued by it', async () => {
  const { certificatePem } = laptop.tls;
  const now = Date.now();
  expect(isIssuedBy(certificatePem, ours.authority.certificatePem, now)).toBe(true);
  expect(isIssuedBy(certificatePem, ours.authority.certificatePem, now + 31 * 86_400_000)).toBe(false);
  expect(isIssuedBy(certificatePem, certificatePem, now)).toBe(false);
  const other = await createTestOrganization();
  expect(isIssuedBy(certificatePem, other.authority.certificatePem, now)).toBe(false);
});

test('serial numbers are positive, random and 128 bits', () => {
  const serials = [laptop.issue(), laptop.issue()].map((pem) => new X509Certificate(pem).serialNumber);
  expect(new Set(serials).size).toBe(2);
  for (const serial of serials) expect(serial).toMatch(/^01[0-9A-F]{32}$/i);
});

test('host names cannot smuggle another identity into a certificate', () => {
  const issue = (host: string) =>
    issueDeviceCertificate({
      authority: ours.authority,
      publicKeyPem: new X509Certificate(laptop.tls.certificatePem).publicKey
        .export({ format: 'pem', type: 'spki' })
        .toString(),
      device: laptop.id,
      organization: ours.organization.id,
      descriptorSha256: laptop.descriptorSha256,
      name: 'x',
      now: Date.now(),
      hosts: [host]
    });
  expect(readDeviceCertificate(issue('::1')).device).toBe(laptop.id);
  expect(() => issue(`a, URI:urn:letterlock:${laptop.id}`)).toThrow('input-invalid');
});

test('certificates of anything else are not device certificates', () => {
  expect(() => readDeviceCertificate(ours.authority.certificatePem)).toThrow('certificate-invalid');
  expect(() => readDeviceCertificate('-----BEGIN CERTIFICATE-----')).toThrow('certificate-invalid');
});

test('requests: a changed one, a weak key, another algorithm, two in one, and noise are refused', async () => {
  const { privateKey } = await generateRsaKeys();
  const csr = createCertificateRequest({ privateKeyPem: privateKey, name: 'Büro' });
  expect(readCertificateRequest(csr).sha256).toMatch(/^[0-9a-f]{64}$/);

  const lines = csr.split('\n');
  const der = Buffer.from(lines.filter((line) => !line.startsWith('---')).join(''), 'base64');
  der[der.indexOf('Büro')] = 0x43;
  const changed = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  const weak = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { format: 'pem', type: 'spki' },
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' }
  });
  const refused = {
    changed,
    weak: createCertificateRequest({ privateKeyPem: weak.privateKey, name: 'x' }),
    twice: csr + csr,
    long: csr.replace('-----END', `${'A'.repeat(20_000)}-----END`),
    cut: csr.replace(lines[3] ?? '', ''),
    noise: '-----BEGIN CERTIFICATE REQUEST-----\nMAAw\n-----END CERTIFICATE REQUEST-----\n'
  };
  for (const [name, pem] of Object.entries(refused)) {
    expect(() => readCertificateRequest(pem), name).toThrow('input-invalid');
  }
});
