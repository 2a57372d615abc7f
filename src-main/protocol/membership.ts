import { z } from 'zod';
import { DeviceId } from '../../src-preload/contract/ids.ts';
import { Signed } from '../identity/signed-statement.ts';
import { NodeCondition } from './node-condition.ts';

/**
 * Who is there: SWIM (Das, Gupta, Motivala, DSN 2002) with Lifeguard (Dadgar, Phillips, Currey, DSN-W 2018) between nodes, as
 * messages at `gossipPath`. docs/spec/mesh.md has the whole protocol. Unknown fields are ignored; a message of a version or type
 * that is not known is answered with `unsupported` and the highest version that is.
 */
export const membershipVersion = 1;

/** Messages one by one as POST; or, on a connection that GET has turned into a channel, as its lines (base/line-channel.ts). */
export const gossipPath = '/v1/mesh/gossip';
export const gossipProtocol = 'letterlock-gossip/1';

/** In one message: changes that are passed on, members of one page, bytes of one signed statement's payload. */
export const membershipLimits = { updates: 64, page: 64, statement: 1024 } as const;

const Incarnation = z
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER - 1);

/** What a node says of itself, and nobody else can. Kind `member`. The highest incarnation counts. */
export const MemberWord = z.object({
  id: DeviceId,
  incarnation: Incarnation,
  state: z.enum(['alive', 'left']),
  /** What cannot be read (of a later version) is as good as not said. */
  condition: NodeCondition.nullable().catch(null)
});
export type MemberWord = z.infer<typeof MemberWord>;

/** "It does not answer": of one incarnation, refuted by a higher one. Kind `suspicion`; the signer is who says it. */
export const Suspicion = z.object({ about: DeviceId, incarnation: Incarnation });
export type Suspicion = z.infer<typeof Suspicion>;

/** A node's answer to a nonce, so that whoever relays a probe cannot answer in its place. Kind `probe-answer`. */
export const ProbeAnswer = z.object({ nonce: z.string() });

const Nonce = z.string().min(1).max(64);
const updates = z.array(Signed).max(membershipLimits.updates).default([]);
const v = z.literal(membershipVersion);

/** What one side has of the members whose ids lie after `after`, up to and with `upTo` (null: to the end), in the order of ids. */
const Digest = z.object({ id: DeviceId, incarnation: Incarnation, suspicions: z.int().min(0).max(16) });
export type Digest = z.infer<typeof Digest>;

export const MembershipMessage = z.discriminatedUnion('type', [
  /** Are you there? `nonce`: prove it. */
  z.object({ v, type: z.literal('ping'), nonce: Nonce.optional(), updates }),
  /** Is `target` there? I get no answer. */
  z.object({ v, type: z.literal('ping-request'), target: DeviceId, nonce: Nonce, updates }),
  z.object({
    v,
    type: z.literal('sync'),
    after: DeviceId.nullable(),
    upTo: DeviceId.nullable(),
    members: z.array(Digest).max(membershipLimits.page),
    updates
  })
]);
export type MembershipMessage = z.infer<typeof MembershipMessage>;

export const MembershipReply = z.discriminatedUnion('type', [
  z.object({ v, type: z.literal('ack'), proof: Signed.optional(), updates }),
  /** To a ping-request: I am there, but `target` does not answer me either. */
  z.object({ v, type: z.literal('nack'), updates }),
  /** `wanted`: I have older than that. `next`: asked on from here; null: that was all. */
  z.object({
    v,
    type: z.literal('sync'),
    wanted: z.array(DeviceId).max(membershipLimits.page),
    next: DeviceId.nullable(),
    updates
  }),
  /** The highest version that the speaker knows. */
  z.object({ v: z.int(), type: z.literal('unsupported') })
]);
export type MembershipReply = z.infer<typeof MembershipReply>;
