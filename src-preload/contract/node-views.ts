import { z } from 'zod';

/** What a node says of its own machine: nobody checks it, and nothing but placement goes by it. */
export const NodeConditionView = z.object({
  /** Bytes that replicas may still take. */
  freeBytes: z.int().nonnegative(),
  power: z.enum(['mains', 'battery']),
  /** How full the battery is; absent without one. */
  batteryPercent: z.number().min(0).max(100).optional(),
  /** The share of the last days in which it was awake. */
  awakeShare: z.number().min(0).max(1),
  /** Machines of one domain fail together (a room, a power circuit, a host); '': not known. */
  domain: z.string(),
  /** It stays where it is: no laptop. */
  stationary: z.boolean(),
  /** It hands over what it holds and takes nothing more. */
  leaving: z.boolean()
});
export type NodeConditionView = z.infer<typeof NodeConditionView>;
