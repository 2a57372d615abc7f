import { z } from 'zod';
import { AuditForwardId } from './ids.ts';

/** What a search in the audit log asks for; everything given must be so. Times are RFC 3339 in UTC. */
export const AuditFilter = z.object({
  actor: z.string().min(1).max(256).optional(),
  /** The beginning of it: `user.` finds whatever was done to users. */
  action: z.string().min(1).max(64).optional(),
  subject: z.string().min(1).max(256).optional(),
  from: z.iso.datetime().optional(),
  /** Before this time. */
  to: z.iso.datetime().optional()
});
export type AuditFilter = z.infer<typeof AuditFilter>;

/** How the receiver's certificate is known: authorities (PEM) of your own, or the SHA-256 of its DER form; neither: the usual ones. */
const trust = {
  ca: z.string().max(65_536).optional(),
  certificateSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
};
export const AuditForwardTarget = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('syslog'),
    host: z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/),
    port: z.int().min(1).max(65_535).default(6514),
    ...trust
  }),
  z.object({
    kind: z.literal('webhook'),
    url: z.url({ protocol: /^https$/ }).max(2048),
    /** Whether it may be on this machine or in a private network. */
    allowPrivate: z.boolean().default(false),
    ...trust
  })
]);
export type AuditForwardTarget = z.infer<typeof AuditForwardTarget>;

export const AuditForwardView = z.object({
  id: AuditForwardId,
  name: z.string(),
  target: AuditForwardTarget,
  created: z.string(),
  /** The last row that the receiver took, and how many wait. */
  sequence: z.number(),
  waiting: z.number(),
  /** Since when it has not taken anything, and why; null: all is well. */
  failing: z.object({ since: z.string(), reason: z.string() }).nullable()
});
