import { z } from 'zod';
import { DeviceId } from './ids.ts';

/**
 * Why a node was chosen for a replica of a job, or passed over. Chosen: `best` (it ranked first), `other-domain` (the first in
 * another failure domain), `stationary` (the first that stays, where all others are laptops). Passed over: `ranked-lower`, `asleep`,
 * `own-machine` (only when there is no other), `silent` (it should have answered), and never used: `leaving`, `no-room`, `station`,
 * `outside` (a cloud node, and the policy does not let this job lie there).
 */
export const placementReasons = [
  'best',
  'other-domain',
  'stationary',
  'ranked-lower',
  'asleep',
  'own-machine',
  'silent',
  'leaving',
  'no-room',
  'station',
  'outside'
] as const;
export const PlacementReason = z.enum(placementReasons);
export type PlacementReason = z.infer<typeof PlacementReason>;

/** One line of the answer to "why these nodes?". */
export const PlacementChoice = z.object({
  node: DeviceId,
  name: z.string(),
  chosen: z.boolean(),
  reason: PlacementReason,
  /** How much it is wanted, against 1 for a roomy machine on mains that is always awake. */
  weight: z.number()
});
export type PlacementChoice = z.infer<typeof PlacementChoice>;

/**
 * Whether the machine that printed a job may be switched off. Only `enough` means yes. `sealing`, `outbox`: the job is still here;
 * `below-quorum`: fewer machines have it durably than the policy asks for; `unregistered`: the coordinator has not heard of it; `coordinator-away`: nobody knows who is awake; `strict`: only this machine can
 * let it go; `too-few`: fewer than `wanted` are awake and stay; `ended`: nothing is left to keep.
 */
export const SafetyForecast = z.object({
  reason: z.enum([
    'enough',
    'ended',
    'sealing',
    'outbox',
    'below-quorum',
    'strict',
    'coordinator-away',
    'unregistered',
    'too-few'
  ]),
  /** Replicas on other machines that the policy wants, as far as there are machines. */
  wanted: z.number().int(),
  /** Other machines that hold it, are awake and aren't about to go. */
  awake: z.number().int(),
  /**
   * When the one of them that was silent longest last told this machine of its power, and whether it goes. Absent: one of them never did,
   * or there is none.
   */
  heard: z.string().optional(),
  /** While fewer machines have it on disk than must before it counts as sent. */
  quorum: z.object({ have: z.int(), need: z.int() }).optional()
});
export type SafetyForecast = z.infer<typeof SafetyForecast>;
