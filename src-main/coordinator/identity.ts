import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { DeviceId, OrganizationId } from '../../src-preload/contract/index.ts';
import { readJson, writeFileAtomic, writeJsonAtomic } from '../base/atomic-file.ts';
import { utf8 } from '../base/bytes.ts';
import type { Authority } from '../identity/certificate-authority.ts';
import { issueDeviceCertificate, readDeviceCertificate } from '../identity/device-certificate.ts';
import { keyDescriptor, keyDescriptorDigest } from '../identity/key-descriptor.ts';
import { type SealingKey, type SigningKey, sealingKey, signingKey } from '../identity/keys.ts';
import type { TlsIdentity } from '../identity/tls.ts';
import type { KeyFiles } from './key-files.ts';

/** Who the coordinator is: a device of its own organization, whose word the others believe because pairing named it. */
export interface CoordinatorIdentity {
  readonly id: DeviceId;
  readonly organization: OrganizationId;
  readonly signing: SigningKey;
  readonly sealing: SealingKey;
  readonly tls: TlsIdentity;
  /** Of the TLS certificate's DER form, lower-case hex. */
  readonly certificateSha256: string;
  /** Signs the certificates of paired devices. */
  readonly authority: Authority;
}

const lifeDays = 825;
const renewBeforeDays = 60;
const dayMs = 24 * 3600 * 1000;

/**
 * The certificate of the listeners is kept, because enrollment tokens name it, until it nears its end or the coordinator has
 * another host name. `<dataDir>/authority.pem` is for foreign programs (curl, browsers) that are to trust the web listener.
 */
export async function openIdentity(options: {
  readonly dataDir: string;
  readonly keys: KeyFiles;
  readonly host: string;
  readonly now: number;
}): Promise<CoordinatorIdentity> {
  const { dataDir, keys, host, now } = options;
  const { ids, authority } = keys;
  const signing = signingKey(keys.signing);
  const sealing = sealingKey(keys.sealing);
  const hosts = [...new Set([host, hostname(), 'localhost', '127.0.0.1', '::1'])].filter(isNamed);

  const file = join(dataDir, 'keys', 'certificate.json');
  const kept = await readJson(file, CertificateFile, { damaged: 'set-aside' }).catch(() => null);
  const usable =
    kept &&
    hosts.every((name) => kept.hosts.includes(name)) &&
    readDeviceCertificate(kept.certificatePem).validTo - renewBeforeDays * dayMs > now;
  const certificatePem = usable
    ? kept.certificatePem
    : issueDeviceCertificate({
        authority,
        publicKeyPem: keys.tls.publicKey,
        device: ids.coordinator,
        organization: ids.organization,
        descriptorSha256: keyDescriptorDigest(
          keyDescriptor({ signing: signing.publicKey, sealing: sealing.publicKey })
        ),
        name: 'Letterlock coordinator',
        days: lifeDays,
        now,
        hosts
      });
  if (!usable) await writeJsonAtomic(file, { hosts, certificatePem });
  await writeFileAtomic(join(dataDir, 'authority.pem'), utf8(authority.certificatePem), { mode: 0o644 });

  return {
    id: ids.coordinator,
    organization: ids.organization,
    signing,
    sealing,
    tls: { keyPem: keys.tls.privateKey, certificatePem, authorityPem: authority.certificatePem },
    certificateSha256: readDeviceCertificate(certificatePem).sha256,
    authority
  };
}

const CertificateFile = z.strictObject({ hosts: z.array(z.string()), certificatePem: z.string() });

/** "Any address" is nobody's name. */
const isNamed = (host: string): boolean => host !== '0.0.0.0' && host !== '::';
