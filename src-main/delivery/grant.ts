import type { DeviceId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { decoded } from '../identity/base64url.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { openStatement } from '../identity/signed-statement.ts';
import type { Organization } from '../organization/organization.ts';
import { Grant, type GrantBundle } from '../protocol/device-api.ts';
import { openOfflineGrant } from '../protocol/offline-grant.ts';
import { isOffline } from './agreement.ts';

interface Asked {
  readonly identity: DeviceIdentity;
  readonly caller: DeviceId;
  readonly now: number;
}

/**
 * What the coordinator of our enrollment granted to this node, or a station while the coordinator is away, to be asked for by this
 * caller, now. Whether it was used before is for the journal to say. Throws `grant-invalid`, `grant-expired`, `offline-refused`.
 */
export function openGrant(
  { grant: signed, permit }: Pick<GrantBundle, 'grant' | 'permit'>,
  { organization, ...asked }: Asked & { readonly organization: Organization }
): Grant {
  const { identity, now } = asked;
  const { coordinator } = identity.enrollment;
  return addressed(
    isOffline(signed)
      ? openOfflineGrant(signed, permit, { coordinator, organization, now })
      : openOnline(signed, asked),
    asked
  );
}

function addressed(grant: Grant, { identity, caller }: Asked): Grant {
  if (grant.node !== identity.id) throw new LetterlockError('grant-invalid', 'for another node');
  if (grant.requestedBy !== caller) throw new LetterlockError('grant-invalid', 'for another requester');
  return grant;
}

function openOnline(signed: GrantBundle['grant'], { identity, now }: Asked): Grant {
  const { coordinator } = identity.enrollment;
  const refuse = (detail: string) => new LetterlockError('grant-invalid', detail);
  if (signed.signer !== coordinator.id) throw refuse('signer');
  const grant = openStatement({
    kind: 'grant',
    signed,
    publicKey: decoded(coordinator.signing),
    schema: Grant,
    maxBytes: 4096,
    code: 'grant-invalid'
  });
  const expires = Date.parse(grant.expires);
  if (expires - Date.parse(grant.issued) > limits.grantSecondsMax * 1000) throw refuse('lives too long');
  if (expires <= now) throw new LetterlockError('grant-expired');
  return grant;
}
