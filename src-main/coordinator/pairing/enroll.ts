import { randomUUID } from 'node:crypto';
import {
  DeviceId,
  type OrganizationId,
  type Role,
  type SiteId,
  type UserId
} from '../../../src-preload/contract/index.ts';
import { toBase64url } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Enrollment } from '../../protocol/pairing-api.ts';
import type { Act } from '../act.ts';
import { issueCertificate } from '../certificates.ts';
import type { CoordinatorIdentity } from '../identity.ts';
import { requireSite } from '../sites/sites.ts';
import type { DeviceRecord } from '../store.ts';

/** A machine that is approved: its certificate, its row, its name in the audit log. Inside an act, so all or nothing. */
export type Enroll = (
  act: Act,
  applicant: Applicant,
  approval: Approval
) => Promise<{ device: DeviceRecord; enrollment: Enrollment }>;

export interface Applicant {
  readonly name: string;
  readonly roles: readonly Role[];
  /** SPKI PEM, of a certificate request whose signature was checked. */
  readonly publicKeyPem: string;
  /** Raw public keys, base64url. */
  readonly signing: string;
  readonly sealing: string;
  readonly descriptorSha256: string;
}
export interface Approval {
  readonly owner: UserId | null;
  /** How it was approved: by the code that an administrator compared, or by an enrollment token. */
  readonly by: string;
  /** A node outside of the organization's network: by the token of those that are, or as the administrator says. */
  readonly cloud: boolean;
  readonly site: SiteId;
}

export function createEnroll(options: {
  readonly identity: CoordinatorIdentity;
  readonly organization: { readonly id: OrganizationId; readonly name: string };
  /** Of the device API. */
  readonly url: () => string;
  readonly refreshDirectory: () => Promise<void>;
  readonly clock: Clock;
}): Enroll {
  const { identity, organization, url, refreshDirectory, clock } = options;

  return async (act, applicant, { owner, by, cloud, site }) => {
    const { name, roles, publicKeyPem, signing, sealing, descriptorSha256 } = applicant;
    if (owner !== null && (await act.tables.users.get(owner))?.status !== 'active')
      throw new LetterlockError('not-found', 'owner');
    if (cloud && !roles.includes('node')) throw new LetterlockError('input-invalid', 'cloud: it is no node');
    await requireSite(act.tables, site);
    const id = DeviceId.parse(randomUUID());
    const now = clock.now();
    const issued = issueCertificate(identity, { id, name, descriptorSha256 }, publicKeyPem, now);
    const device: DeviceRecord = {
      id,
      name,
      roles,
      status: 'approved',
      signing,
      sealing,
      url: null,
      cloud,
      owner,
      certificateExpires: issued.expires,
      certificateAuthority: issued.authority,
      created: now,
      site,
      movedFrom: null,
      moved: null
    };
    await act.tables.devices.insert(device);
    act.record('device.approved', id, { name, roles: [...roles], owner, by, signing, site, ...(cloud && { cloud }) });
    act.after(refreshDirectory);
    return {
      device,
      enrollment: {
        device: id,
        name,
        roles: [...roles],
        certificate: issued.certificate,
        authority: identity.tls.authorityPem,
        organization,
        coordinator: {
          id: identity.id,
          url: url(),
          signing: toBase64url(identity.signing.publicKey),
          sealing: toBase64url(identity.sealing.publicKey)
        }
      }
    };
  };
}
