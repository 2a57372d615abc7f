import { z } from 'zod';
import { InvitationId, UserGroupId, UserId } from './ids.ts';

/** People: their groups, invitations, delegates and guests. Times are RFC 3339 in UTC. */

/** `directory`: kept by the organization's directory (SCIM), and changed only there. */
export const UserGroupView = z.object({
  id: UserGroupId,
  name: z.string(),
  source: z.enum(['local', 'directory']),
  members: z.array(UserId),
  created: z.string()
});

const rules = {
  /** The fewest digits of a PIN that is set from now on. */
  pinLength: z.int().min(4).max(12),
  /** Four digits that look like a year of birth. */
  yearPins: z.enum(['allowed', 'refused']),
  /** Whether people may let a colleague release for them. */
  delegates: z.boolean(),
  /** Whether people may invite guests; `guestHosts`: only those of one group. */
  guests: z.boolean(),
  guestHosts: UserGroupId.nullable(),
  /** The longest that a guest's account may live. */
  guestHours: z
    .int()
    .min(1)
    .max(24 * 31),
  /** Whether people with a confirmed e-mail address may sign in to the portal with a link that is mailed to them. */
  emailSignIn: z.boolean()
};
export const UserRulesChange = z.object(rules).partial();
/** What the organization has decided about its people. */
export const UserRules = z.object({
  pinLength: rules.pinLength.default(4),
  yearPins: rules.yearPins.default('allowed'),
  delegates: rules.delegates.default(true),
  guests: rules.guests.default(false),
  guestHosts: rules.guestHosts.default(null),
  guestHours: rules.guestHours.default(24 * 7),
  emailSignIn: rules.emailSignIn.default(false)
});
export type UserRules = z.infer<typeof UserRules>;

/** A link that lets somebody set their PIN, once. */
export const InvitationView = z.object({
  id: InvitationId,
  user: UserId,
  name: z.string(),
  /** Becomes the account's when the invitation is accepted. */
  email: z.string().nullable(),
  created: z.string(),
  expires: z.string()
});
/** `link`: shown this once; Letterlock keeps only a hash of its secret. */
export const InvitationLink = InvitationView.extend({ link: z.string() });
export type InvitationLink = z.infer<typeof InvitationLink>;
/** What became of an invitation: mailed, or for whoever made it to hand over. */
export const SentInvitation = InvitationView.extend({
  /** Null: it was mailed, and nobody else needs it. */
  link: z.string().nullable(),
  /** The address that it was mailed to. */
  mailedTo: z.string().nullable(),
  /** Why it could not be mailed. */
  failure: z.string().nullable()
});
export type SentInvitation = z.infer<typeof SentInvitation>;

/** Somebody who may release another's jobs. */
export const DelegateView = z.object({ user: UserId, name: z.string(), until: z.string() });
export const GuestView = z.object({ id: UserId, name: z.string(), until: z.string(), hasPin: z.boolean() });
