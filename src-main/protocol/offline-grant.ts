import type { DeviceId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { decoded } from '../identity/base64url.ts';
import { openStatement, type Signed } from '../identity/signed-statement.ts';
import type { Directory, DirectoryDevice } from './directory.ts';
import { OfflineGrant, OfflinePermit, permitDigest } from './offline.ts';
import type { Enrollment } from './pairing-api.ts';

/** A machine that is to act on an offline grant: what it knows by itself. */
export interface Judge {
  readonly coordinator: Enrollment['coordinator'];
  readonly organization: {
    directory(): Directory | null;
    /** Approved devices only. */
    device(id: DeviceId): DirectoryDevice | undefined;
    connected(): boolean;
  };
  readonly now: number;
}

/**
 * The offline grant, if everything that this machine knows allows it: its own directory has the policy, it does not reach the
 * coordinator itself, an approved station signed it, and the coordinator's permit for that station is not over by the clock here.
 * Whoever sets a station's clock back gains nothing. Throws `offline-refused`, `grant-invalid`, `grant-expired`.
 */
export function openOfflineGrant(signed: Signed, permit: Signed | undefined, judge: Judge): OfflineGrant {
  const { coordinator, organization, now } = judge;
  const hours = organization.directory()?.policy.offlineHours ?? 0;
  if (hours === 0) throw new LetterlockError('offline-refused', 'the policy');
  if (organization.connected())
    throw new LetterlockError('offline-refused', 'a node reaches the coordinator: try again');
  const station = organization.device(signed.signer);
  if (!station?.roles.includes('station')) throw new LetterlockError('grant-invalid', 'signer');
  if (permit?.signer !== coordinator.id) throw new LetterlockError('grant-invalid', 'permit');
  const code = 'grant-invalid' as const;
  const grant = openStatement({
    ...{
      kind: 'offline-grant',
      signed,
      publicKey: decoded(station.signing),
      schema: OfflineGrant,
      maxBytes: 4096,
      code
    }
  });
  const allowed = openStatement({
    ...{ kind: 'offline-permit', signed: permit, publicKey: decoded(coordinator.signing), schema: OfflinePermit },
    ...{ maxBytes: 1024, code }
  });
  if (allowed.station !== station.id || grant.requestedBy !== station.id || grant.permit !== permitDigest(permit))
    throw new LetterlockError('grant-invalid', 'permit of another');
  const issued = Date.parse(allowed.issued);
  const until = Math.min(Date.parse(allowed.expires), issued + hours * 3_600_000);
  if (now >= until || issued > now + limits.clockBackSeconds * 1000)
    throw new LetterlockError('offline-refused', `the station’s permit ended at ${new Date(until).toISOString()}`);
  const life = Date.parse(grant.expires) - Date.parse(grant.issued);
  if (life > limits.grantSecondsMax * 1000) throw new LetterlockError('grant-invalid', 'lives too long');
  if (Date.parse(grant.expires) <= now) throw new LetterlockError('grant-expired');
  return grant;
}
