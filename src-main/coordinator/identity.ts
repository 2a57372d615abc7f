import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { DeviceId, OrganizationId } from '../../src-preload/contract/index.ts';
import { readJson, writeFileAtomic, writeJsonAtomic } from '../base/atomic-file.ts';
import { utf8 } from '../base/bytes.ts';
import type { Authority } from '../identity/certificate-authority.ts';
import { isIssuedBy, issueDeviceCertificate, readDeviceCertificate } from '../identity/device-certificate.ts';
import { keyDescriptor, keyDescriptorDigest } from '../identity/key-descriptor.ts';
import { type SealingKey, type SigningKey, sealingKey, signingKey } from '../identity/keys.ts';
import type { TlsIdentity } from '../identity/tls.ts';
import type { AuthorityKeys, KeyFiles } from './key-files.ts';

/** Who the coordinator is: a device of its own organization, whose word the others believe because pairing named it. */
export interface CoordinatorIdentity {
  readonly id: DeviceId;
  readonly organization: OrganizationId;
  readonly signing: SigningKey;
  readonly sealing: SealingKey;
  /** As it is now, as are the next three: renewals replace them. */
  readonly tls: TlsIdentity;
  /** Of the TLS certificate's DER form, lower-case hex. */
  readonly certificateSha256: string;
  /** Signs the certificates of paired devices. */
  readonly authority: Authority;
  /** PEM, goes with each of those certificates: for who knows only the authority before. Empty when there is none. */
  readonly linkPem: string;
  onRenewed(listener: () => void): () => void;
}
export interface RenewableIdentity extends CoordinatorIdentity {
  /** Its own certificate anew where that is due, which it says; with an authority, of that one from now on. */
  renew(now: number, authority?: AuthorityKeys): Promise<boolean>;
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
}): Promise<RenewableIdentity> {
  const { dataDir, keys, host } = options;
  const { ids } = keys;
  const signing = signingKey(keys.signing);
  const sealing = sealingKey(keys.sealing);
  const hosts = [...new Set([host, hostname(), 'localhost', '127.0.0.1', '::1'])].filter(isNamed);

  const file = join(dataDir, 'keys', 'certificate.json');

  /** Its own certificate: the one that is kept, while it will do. */
  async function certificate(authority: Authority, now: number) {
    const kept = await readJson(file, CertificateFile, { damaged: 'set-aside' }).catch(() => null);
    const usable =
      kept &&
      hosts.every((name) => kept.hosts.includes(name)) &&
      readDeviceCertificate(kept.certificatePem).validTo - renewBeforeDays * dayMs > now &&
      isIssuedBy(kept.certificatePem, authority.certificatePem, now);
    if (usable) return { certificatePem: kept.certificatePem, fresh: false };
    const certificatePem = issueDeviceCertificate({
      authority,
      publicKeyPem: keys.tls.publicKey,
      device: ids.coordinator,
      organization: ids.organization,
      descriptorSha256: keyDescriptorDigest(keyDescriptor({ signing: signing.publicKey, sealing: sealing.publicKey })),
      name: 'Letterlock coordinator',
      days: lifeDays,
      now,
      hosts
    });
    await writeJsonAtomic(file, { hosts, certificatePem });
    return { certificatePem, fresh: true };
  }

  async function current(authority: AuthorityKeys, now: number) {
    const { certificatePem, fresh } = await certificate(authority, now);
    const linkPem = authority.previous?.linkPem ?? '';
    const authorityPem = authority.certificatePem + (authority.previous?.certificatePem ?? '');
    await writeFileAtomic(join(dataDir, 'authority.pem'), utf8(authorityPem), { mode: 0o644 });
    const tls: TlsIdentity = {
      keyPem: keys.tls.privateKey,
      certificatePem: certificatePem + linkPem,
      authorityPem
    };
    return { authority, tls, linkPem, fresh, certificateSha256: readDeviceCertificate(certificatePem).sha256 };
  }

  let state = await current(keys.authority, options.now);
  const listeners = new Set<() => void>();
  return {
    id: ids.coordinator,
    organization: ids.organization,
    signing,
    sealing,
    get tls() {
      return state.tls;
    },
    get certificateSha256() {
      return state.certificateSha256;
    },
    get authority() {
      return state.authority;
    },
    get linkPem() {
      return state.linkPem;
    },
    onRenewed(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async renew(now, authority = state.authority) {
      const before = state.tls;
      state = await current(authority, now);
      if (state.tls.certificatePem === before.certificatePem && state.tls.authorityPem === before.authorityPem)
        return false;
      for (const listener of listeners) listener();
      return state.fresh;
    }
  };
}

const CertificateFile = z.strictObject({ hosts: z.array(z.string()), certificatePem: z.string() });

/** "Any address" is nobody's name. */
const isNamed = (host: string): boolean => host !== '0.0.0.0' && host !== '::';
