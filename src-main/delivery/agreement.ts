import { z } from 'zod';
import { LetterlockError } from '../base/errors.ts';
import type { Signed } from '../identity/signed-statement.ts';
import type { ReleaseOrder } from '../mesh/ports.ts';
import type { Organization } from '../organization/organization.ts';
import type { Grant } from '../protocol/device-api.ts';
import type { Escrow } from '../sealing/escrow.ts';

interface Release {
  readonly grant: Grant;
  readonly order: ReleaseOrder;
  readonly manifest: { readonly escrow?: Escrow | undefined };
  /** The same, as it was signed. */
  readonly signed: Signed;
  readonly organization: Organization;
  readonly signal: AbortSignal;
}

/**
 * That a release begins now, and no other of the same job: said by the coordinator, which writes it down; for a job that stations
 * may release too, first by a majority of its voters; under an offline grant by them alone. Nothing goes to a printer before.
 */
export async function agreeToBegin(release: Release): Promise<void> {
  const { grant, order, manifest, signed, organization, signal } = release;
  const { bundle, claims } = order;
  const offline = isOffline(bundle.grant);
  if (manifest.escrow) {
    const { voters } = manifest.escrow;
    await claims.take({ job: grant.job, bundle, manifest: signed, voters }, signal);
  } else if (offline) throw new LetterlockError('offline-refused', 'this job has no voters');
  if (!offline) await organization.call(`/v1/grants/${grant.id}/start`, {}, z.object({}), { signal });
}

/** Certainly nothing was printed: whoever agreed may agree to another release. */
export async function giveUp({ grant, order, manifest }: Pick<Release, 'grant' | 'order' | 'manifest'>): Promise<void> {
  const { job, id } = grant;
  if (manifest.escrow) await order.claims.giveUp({ job, grant: id, voters: manifest.escrow.voters });
}

export const isOffline = ({ kind }: Signed): boolean => kind === 'offline-grant';
