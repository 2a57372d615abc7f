import { z } from 'zod';

/** Inputs that many procedures share. */
export const none = z.object({}).strict();
export const done = z.object({});
export const Name = z.string().trim().min(1).max(128);
/** Never logged, never echoed. */
export const Pin = z.string().regex(/^\d{4,32}$/);
/** What a reader types: letters and digits count, what stands between them does not. Never logged, never echoed. */
export const BadgeNumber = z
  .string()
  .max(128)
  .refine((text) => (text.match(/[A-Za-z0-9]/g)?.length ?? 0) >= 4, 'at least four letters or digits');
/** How long a link to set one's PIN works. */
export const InvitationHours = z
  .int()
  .min(1)
  .max(24 * 14);
export const Email = z.email().max(254);
