import { z } from 'zod';
import { SsoLinkId } from './ids.ts';
import { AdminRole } from './web-views.ts';

/** Single sign-on with an OpenID Connect provider, as an owner sets it up. */
const Claim = z.string().regex(/^[A-Za-z0-9_.:/-]{1,128}$/);
const Group = z.string().min(1).max(256);

export const SsoSettings = z.object({
  /** What the button says. */
  name: z.string().trim().min(1).max(64),
  /** As the provider spells it: OpenID Connect Discovery finds everything else there. */
  issuer: z.url({ protocol: /^https$/ }).max(512),
  clientId: z.string().min(1).max(256),
  /** PEM of the authority that the provider's certificate comes from; without it the system's. */
  authority: z.string().max(65_536).nullable().default(null),
  /** Asked for besides openid, profile and email. */
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,64}$/))
    .max(16)
    .default([]),
  /** What new accounts are called by. */
  nameClaim: Claim.default('preferred_username'),
  groupsClaim: Claim.default('groups'),
  /** Domains of the e-mail address, which the provider must have verified; none: any, also without one. */
  allowedDomains: z
    .array(
      z
        .string()
        .toLowerCase()
        .regex(/^[a-z0-9.-]{1,253}$/)
    )
    .max(64)
    .default([]),
  /** Whoever is in none of these is no user; none: everybody whom the provider lets in. */
  userGroups: z.array(Group).max(64).default([]),
  /** Which groups administer; the strongest role counts. Nobody else does. */
  adminGroups: z
    .array(z.object({ group: Group, role: AdminRole }))
    .max(64)
    .default([]),
  /** Whether a first sign-in makes the user. */
  createUsers: z.boolean().default(false),
  /** Whether a first sign-in finds the user by a verified e-mail address. */
  linkByEmail: z.boolean().default(false)
});
export type SsoSettings = z.infer<typeof SsoSettings>;

export const SsoView = SsoSettings.extend({ hasSecret: z.boolean() });

/** One person of the provider and the account that they have here. */
export const SsoLinkView = z.object({
  id: SsoLinkId,
  kind: z.enum(['admin', 'user']),
  issuer: z.string(),
  subject: z.string(),
  /** An administrator's name, a user's id. */
  account: z.string(),
  /** Null: there is no such account any more. */
  name: z.string().nullable(),
  created: z.string(),
  lastSignIn: z.string().nullable()
});
