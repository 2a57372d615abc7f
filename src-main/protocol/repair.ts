import { z } from 'zod';
import { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import { limits } from '../base/limits.ts';
import { base64url } from '../identity/base64url.ts';
import { Signed } from '../identity/signed-statement.ts';

/**
 * What nodes say to each other to keep replicas whole: POST /v1/mesh/sync, RepairMessage → RepairReply, nodes only. The sender is
 * who the TLS session says. Of what it says, only signed statements count for others; about itself it may say that it does not
 * hold a job. Unknown fields are ignored; a message of a newer version or type is answered with
 * `unsupported`.
 */
export const repairVersion = 1;
const v = z.literal(repairVersion);

/** What one node knows of one job. */
export const JobStatement = z.object({
  job: JobId,
  /** The speaker has a whole replica. */
  held: z.boolean(),
  /** Kind `holding`, of whoever holds it, the speaker included. */
  receipts: z.array(Signed).max(limits.holdersPerJob),
  /** Kind `erase`: the coordinator has ordered it gone. */
  order: Signed.nullable()
});
export type JobStatement = z.infer<typeof JobStatement>;

/** Buckets of a digest: jobs by the first hexadecimal digit of their id. */
export const digestBuckets = 16;

export const RepairMessage = z.discriminatedUnion('type', [
  /** SHA-256 over what the speaker believes that both hold, by bucket. → `digest` */
  z.object({ v, type: z.literal('digest'), buckets: z.array(base64url(32)).length(digestBuckets) }),
  /** → `jobs`, about the same jobs, in the same order */
  z.object({ v, type: z.literal('jobs'), jobs: z.array(JobStatement).max(limits.repairPage) }),
  /** Asks for a proof that a range of a blob is there. → `proof` */
  z.object({
    v,
    type: z.literal('prove'),
    job: JobId,
    nonce: base64url(32),
    offset: z.int().min(0),
    length: z.int().min(1).max(limits.proofBytes)
  })
]);
export type RepairMessage = z.infer<typeof RepairMessage>;

/** `ready`: the speaker has found out itself what was erased while it was away. */
const ready = z.boolean();
export const RepairReply = z.discriminatedUnion('type', [
  /** The buckets that are not the same, and what the speaker believes that both hold in them. */
  z.object({
    v,
    type: z.literal('digest'),
    ready,
    different: z
      .array(
        z
          .int()
          .min(0)
          .max(digestBuckets - 1)
      )
      .max(digestBuckets),
    jobs: z.array(JobId).max(limits.repairIds)
  }),
  z.object({ v, type: z.literal('jobs'), ready, jobs: z.array(JobStatement).max(limits.repairPage) }),
  /** HMAC-SHA-256 under the nonce, see mesh/repair/proof.ts; null: not held. */
  z.object({ v, type: z.literal('proof'), proof: base64url(32).nullable() }),
  /** To a newer version, or a type that is not known: the highest version that the speaker knows. */
  z.object({ v: z.int(), type: z.literal('unsupported') })
]);
export type RepairReply = z.infer<typeof RepairReply>;

/** POST /v1/replicas/:job/holders → {}: who else holds a job, by the device that printed it or a node. */
export const Holders = z.object({ receipts: z.array(Signed).min(1).max(limits.holdersPerJob) });

/** What a node keeps beside a replica. */
export const Upkeep = z.object({
  /** Kind `holding`, one of each holder. */
  receipts: z.array(Signed).max(limits.holdersPerJob),
  /** Nodes that do not hold it any more: what they signed until then counts no longer. */
  gone: z.array(z.object({ node: DeviceId, at: z.iso.datetime() })),
  /** When the whole blob was last read and found right. */
  scrubbed: z.iso.datetime().nullable(),
  /** The coordinator knows that this node holds it. */
  told: z.boolean()
});
export type Upkeep = z.infer<typeof Upkeep>;
