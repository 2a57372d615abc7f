import { join } from 'node:path';
import type { JobId } from '../../../src-preload/contract/ids.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import type { Organization } from '../../organization/organization.ts';
import { ClaimsOver } from '../../protocol/offline.ts';
import type { NodeTransport } from '../ports.ts';
import { openClaimBook } from './claim-book.ts';
import { type Claims, createClaims } from './claiming.ts';
import { openClaim } from './voting.ts';

/** Claims in a real node: in `<dataDir>/claims.jsonl`, by what its directory says, over its connections. */
export async function startClaims(options: {
  readonly dataDir: string;
  readonly identity: DeviceIdentity;
  readonly organization: Organization;
  readonly isErased: (job: JobId) => boolean;
  readonly transport: Pick<NodeTransport, 'claim'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<Claims> {
  const { dataDir, identity, organization, isErased, transport, clock, logger } = options;
  return createClaims({
    self: identity.id,
    book: await openClaimBook(join(dataDir, 'claims.jsonl'), clock),
    open(message, caller) {
      if (!organization.device(caller)) throw new LetterlockError('device-not-approved');
      return openClaim(message, caller, {
        ...{ self: identity.id, coordinator: identity.enrollment.coordinator, organization, isErased, now: clock.now() }
      });
    },
    send: transport.claim,
    isOver: ({ job, expires }) => isErased(job) || Date.parse(expires) <= clock.now(),
    coordinator: {
      connected: organization.connected,
      onChange: organization.onChange,
      async over(claims, signal) {
        return (await organization.call('/v1/offline/claims', { claims }, ClaimsOver, { signal })).over;
      }
    },
    logger
  });
}
