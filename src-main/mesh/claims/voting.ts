import type { DeviceId, GrantId, JobId } from '../../../src-preload/contract/ids.ts';
import { LetterlockError } from '../../base/errors.ts';
import { decoded } from '../../identity/base64url.ts';
import { openStatement } from '../../identity/signed-statement.ts';
import { Grant } from '../../protocol/device-api.ts';
import type { Claim, ClaimRequest } from '../../protocol/offline.ts';
import { type Judge, openOfflineGrant } from '../../protocol/offline-grant.ts';
import { type Manifest, openManifest } from '../../sealing/manifest.ts';

/**
 * The vote of one node: whether a release may have the one claim of its job, as far as this node is concerned. Pure but for what it
 * asks. It says yes to one release of a job and then no to every other until that one is over; among releases of the coordinator,
 * which lets only one of them begin, the newest counts. A second copy that a person accepted follows what ended uncertain.
 */
export interface Voter extends Judge {
  readonly self: DeviceId;
  /** Erased, or ordered to be. */
  isErased(job: JobId): boolean;
}

export const mayFollow = (held: Claim | undefined, asked: AskedClaim): boolean =>
  !held ||
  held.grant === asked.grant ||
  asked.follows?.includes(held.grant) === true ||
  (held.station === null && asked.station === null && asked.fence > held.fence);

/** `follows`: claims that a person's word ends, as the coordinator's grant has it; a station's never. */
export interface AskedClaim extends Claim {
  readonly follows?: readonly GrantId[] | undefined;
}

/** What is asked for, if the signatures allow it. Throws `claim-elsewhere`, `conflict`, and what openOfflineGrant throws. */
export function openClaim(
  { grant: signed, permit, manifest: signedManifest }: ClaimRequest,
  caller: DeviceId,
  voter: Voter
): AskedClaim {
  const offline = signed.kind === 'offline-grant';
  const online = offline ? null : openOnlineGrant({ grant: signed }, voter);
  const grant = online ?? openOfflineGrant(signed, permit, voter);
  if (grant.node !== caller) throw new LetterlockError('grant-invalid', 'for another node');
  const author = voter.organization.directory()?.devices.find(({ id }) => id === signedManifest.signer);
  if (!author) throw new LetterlockError('seal-broken', 'manifest: signer');
  const manifest: Manifest = openManifest(signedManifest, decoded(author.signing));
  if (manifest.job !== grant.job) throw new LetterlockError('seal-broken', 'manifest: job');
  if (!manifest.escrow?.voters.includes(voter.self)) throw new LetterlockError('not-allowed', 'no voter of this job');
  if (Date.parse(manifest.expires) <= voter.now) throw new LetterlockError('job-expired');
  if (voter.isErased(grant.job)) throw new LetterlockError('conflict', 'erased');
  const { job, id, node, fence } = grant;
  const station = offline ? grant.requestedBy : null;
  return { job, grant: id, node, fence, station, expires: manifest.expires, follows: online?.follows };
}

function openOnlineGrant({ grant: signed }: Pick<ClaimRequest, 'grant'>, { coordinator, now }: Voter): Grant {
  if (signed.signer !== coordinator.id) throw new LetterlockError('grant-invalid', 'signer');
  const code = 'grant-invalid' as const;
  const publicKey = decoded(coordinator.signing);
  const grant = openStatement({ kind: 'grant', signed, publicKey, schema: Grant, maxBytes: 4096, code });
  if (Date.parse(grant.expires) <= now) throw new LetterlockError('grant-expired');
  return grant;
}
