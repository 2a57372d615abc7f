import { LetterlockError } from '../base/errors.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import type { Organization } from '../organization/organization.ts';
import type { Grant } from '../protocol/device-api.ts';
import type { DirectoryPrinter } from '../protocol/directory.ts';
import { printerOf } from './preparation.ts';

/**
 * What was approved when a delivery began may be withdrawn while it goes on; asked before each piece of a document. Throws
 * `printer-not-approved`, or `device-not-approved` for this node and for the machine that asked. A user who is suspended
 * meanwhile was allowed when it began.
 */
export function requireStillApproved(
  grant: Grant,
  began: DirectoryPrinter,
  { identity, organization }: { readonly identity: DeviceIdentity; readonly organization: Organization }
): void {
  if (!organization.device(identity.id)) throw new LetterlockError('device-not-approved', 'this node');
  if (!organization.device(grant.requestedBy))
    throw new LetterlockError('device-not-approved', 'the machine that asked');
  const { uri, certificateSha256 } = printerOf(grant, organization);
  if (uri !== began.uri || certificateSha256 !== began.certificateSha256)
    throw new LetterlockError('printer-not-approved', 'another certificate or address');
}
