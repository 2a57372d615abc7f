import { z } from 'zod';
import {
  Custody,
  DeviceId,
  Failure,
  JobId,
  JobState,
  PlacementChoice,
  SiteId,
  UserId
} from '../../src-preload/contract/index.ts';
import { Sealed } from '../identity/hpke.ts';
import { Signed } from '../identity/signed-statement.ts';

/**
 * What this machine keeps of a job that it printed: `<dataDir>/jobs/<job>/job.json`. No key in the open, no readable title.
 */
export const Registration = z.strictObject({
  manifest: Signed,
  /** J, HPKE-sealed to the coordinator; null in strict custody. */
  jobPart: Sealed.nullable(),
  receipts: z.array(Signed)
});
export type Registration = z.infer<typeof Registration>;

export const JobRecord = z.strictObject({
  v: z.literal(1),
  id: JobId,
  state: JobState,
  /** Name of the user it was printed for. */
  owner: z.string(),
  /** Who that is. Null: not written down, as in earlier versions. */
  user: UserId.nullable().default(null),
  /** Of which site it is, as its manifest says. Null: not sealed yet, or not written down, as in earlier versions. */
  site: SiteId.nullable().default(null),
  /** Who printed it, as the operating system's print system calls them. */
  userName: z.string(),
  /** The print system was asked to hold it. Changes nothing for the owner, for whom it waits either way. */
  held: z.boolean(),
  /** HPKE-sealed to this device (descriptions.ts). Null where the record had to be made again from what was sealed. */
  description: Sealed.nullable(),
  created: z.iso.datetime(),
  expires: z.iso.datetime(),
  /** When it was sealed and on disk for good. */
  durable: z.iso.datetime().nullable(),
  /** When it reached a final state. */
  ended: z.iso.datetime().nullable(),
  /** Bytes of its documents. */
  size: z.int().min(0),
  /** Of the sealed blob, once it is complete; what further holders must confirm. */
  blob: z.strictObject({ sha256: z.string(), blobSize: z.int() }).nullable(),
  holders: z.array(DeviceId),
  /** Why these nodes, as far as this machine chose them. */
  why: z.array(PlacementChoice).default([]),
  /** This machine keeps the sealed blob, and sends it: no node has it, or fewer than the write quorum. */
  inOutbox: z.boolean(),
  /** As its manifest says: how many replicas there are to be, where a rule of the policy says so. */
  copies: z.int().min(1).max(5).nullable().default(null),
  /** As many nodes must have it durably before it counts as sent. */
  quorum: z.int().min(1).max(5).default(1),
  /** What the coordinator has still to be told; null once it knows, and when the job is final. */
  registration: Registration.nullable(),
  custody: Custody.default('standard'),
  /** Strict custody: J, HPKE-sealed to this device, until the job is final. */
  jobPart: Sealed.nullable().default(null),
  printer: z.string().nullable(),
  failure: Failure.nullable()
});
export type JobRecord = z.infer<typeof JobRecord>;
