import { z } from 'zod';
import { DeviceId, type JobId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { type Random, Sealed, sealTo } from '../identity/hpke.ts';
import type { SealingKey } from '../identity/keys.ts';
import { escrowedJobPartContext, keySize } from './key-schedule.ts';

/**
 * A second copy of the job part J, sealed to the site's offline key, whose private half lies in the capsules of stations. It
 * stands in the signed manifest, together with the nodes that keep the job's one claim. Who opens it still needs the organization
 * part and a holder's own key.
 */
export const Escrow = z.strictObject({
  /** Which offline key of the site. */
  epoch: z.int().min(0).max(0xffffffff),
  /** J. */
  jobPart: Sealed,
  /** A majority of these must agree before the first byte of any release. Fixed for the life of the job. */
  voters: z
    .array(DeviceId)
    .min(1)
    .max(5)
    .refine((ids) => new Set(ids).size === ids.length)
});
export type Escrow = z.infer<typeof Escrow>;

/** How many of them are a majority: any two majorities have somebody in common. */
export const majorityOf = ({ voters }: { readonly voters: readonly DeviceId[] }): number =>
  Math.floor(voters.length / 2) + 1;

/** Client. */
export async function escrowJobPart(
  jobPart: Uint8Array,
  {
    job,
    offlineKey,
    voters
  }: {
    readonly job: JobId;
    /** 32 bytes, raw X25519. */
    readonly offlineKey: { readonly epoch: number; readonly publicKey: Uint8Array };
    readonly voters: readonly DeviceId[];
  },
  random?: Random
): Promise<Escrow> {
  const { epoch, publicKey } = offlineKey;
  return {
    epoch,
    jobPart: await sealTo(publicKey, jobPart, escrowedJobPartContext(job, epoch), random),
    voters: [...voters]
  };
}

/** Station, with the offline key of that epoch: J, 32 bytes; wipe it. Throws `seal-broken`. */
export async function openEscrow({ epoch, jobPart }: Escrow, job: JobId, offlineKey: SealingKey): Promise<Uint8Array> {
  const opened = await offlineKey.open(jobPart, escrowedJobPartContext(job, epoch));
  if (opened.length !== keySize) throw new LetterlockError('seal-broken', 'escrow');
  return opened;
}
