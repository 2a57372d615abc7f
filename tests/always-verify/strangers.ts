import { randomUUID } from 'node:crypto';
import { openKeyFiles } from '../../src-main/coordinator/key-files.ts';
import type { TestDevice } from '../../src-main/coordinator/testing/rig.ts';
import { createAuthority, generateRsaKeys } from '../../src-main/identity/certificate-authority.ts';
import { issueDeviceCertificate, readDeviceCertificate } from '../../src-main/identity/device-certificate.ts';
import type { TlsIdentity } from '../../src-main/identity/tls.ts';
import { DeviceId } from '../../src-preload/contract/index.ts';

/** Who a machine is not: each shows something that is almost what `device` shows. */
export interface Stranger {
  readonly who: string;
  readonly tls: TlsIdentity | null;
  /** What it must get everywhere. */
  readonly expected: 'no answer' | 'device-not-approved';
}

/** `dataDir`: of the coordinator, whose authority signs most of them: what is wrong is one thing at a time. */
export async function strangersLike(device: TestDevice, dataDir: string): Promise<Stranger[]> {
  const now = Date.now();
  const { organization, name } = device.identity;
  const { authority } = await openKeyFiles({ dataDir, organizationName: organization.name, create: false, now });
  const foreign = await createAuthority({ organization, now });
  const { publicKey, privateKey } = await generateRsaKeys();
  const real = readDeviceCertificate(device.identity.tls.certificatePem);
  const showing = (change: Partial<Parameters<typeof issueDeviceCertificate>[0]>): TlsIdentity => ({
    keyPem: privateKey,
    authorityPem: authority.certificatePem,
    certificatePem: issueDeviceCertificate({
      ...{ authority, publicKeyPem: publicKey, organization: organization.id, name, now },
      device: device.id,
      descriptorSha256: real.descriptorSha256,
      ...change
    })
  });
  const longAgo = { now: now - 40 * 24 * 3600 * 1000, days: 30 };

  return [
    { who: 'nobody', tls: null, expected: 'no answer' },
    { who: 'another organization with the same names', tls: showing({ authority: foreign }), expected: 'no answer' },
    { who: 'an expired certificate', tls: showing(longAgo), expected: 'no answer' },
    {
      who: 'a certified machine that was never approved',
      tls: showing({ device: DeviceId.parse(randomUUID()) }),
      expected: 'device-not-approved'
    },
    {
      who: 'the right device with other keys',
      tls: showing({ descriptorSha256: 'ab'.repeat(32) }),
      expected: 'device-not-approved'
    }
  ];
}
