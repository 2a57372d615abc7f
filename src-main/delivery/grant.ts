import type { DeviceId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { decoded } from '../identity/base64url.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { openStatement, type Signed } from '../identity/signed-statement.ts';
import { Grant } from '../protocol/device-api.ts';

/**
 * What the coordinator of our enrollment granted to this node, to be asked for by this caller, now. Whether it was used
 * before is for the journal to say. Throws `grant-invalid` or `grant-expired`.
 */
export function openGrant(
  signed: Signed,
  { identity, caller, now }: { readonly identity: DeviceIdentity; readonly caller: DeviceId; readonly now: number }
): Grant {
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
  if (grant.node !== identity.id) throw refuse('for another node');
  if (grant.requestedBy !== caller) throw refuse('for another requester');
  const expires = Date.parse(grant.expires);
  if (expires - Date.parse(grant.issued) > limits.grantSecondsMax * 1000) throw refuse('lives too long');
  if (expires <= now) throw new LetterlockError('grant-expired');
  return grant;
}
