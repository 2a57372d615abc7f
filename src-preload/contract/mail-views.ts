import { z } from 'zod';

/** The mail server of the organization, as an owner sets it up. */
export const MailSettings = z.object({
  /** Name or address, without brackets. */
  host: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[a-z0-9.:-]{1,253}$/),
  port: z.int().min(1).max(65_535),
  /** `implicit` (RFC 8314), `starttls` (RFC 3207, never without), or `none`, which only a loopback address may have. */
  tls: z.enum(['implicit', 'starttls', 'none']),
  /** Null: the server lets this machine send without. */
  user: z.string().min(1).max(254).nullable().default(null),
  /** Whom mails come from. */
  from: z.email().max(254),
  /** PEM of the authority that the server's certificate comes from; without it the system's. */
  authority: z.string().max(65_536).nullable().default(null)
});
export type MailSettings = z.infer<typeof MailSettings>;

export const MailView = MailSettings.extend({ hasPassword: z.boolean() });
