import { z } from 'zod';
import { BadgeId, InvitationId, SsoLinkId, UserGroupId, UserId } from '../ids.ts';
import { MailSettings, MailView } from '../mail-views.ts';
import { SsoLinkView, SsoSettings, SsoView } from '../sso-views.ts';
import { InvitationView, SentInvitation, UserGroupView, UserRules, UserRulesChange } from '../user-views.ts';
import { BadgeView, UserView } from '../views.ts';
import { admin, procedure } from './access.ts';
import { BadgeNumber, done, Email, InvitationHours, Name, none, Pin } from './fields.ts';

/** People, and how they prove who they are. */
export const userProcedures = {
  'admin.user.list': procedure(admin.read, none, z.array(UserView)),
  'admin.user.add': procedure(
    admin.manage,
    z.object({ name: Name, email: Email.optional(), pin: Pin.optional() }),
    UserView
  ),
  'admin.user.set-email': procedure(admin.manage, z.object({ id: UserId, email: Email.nullable() }), done),
  'admin.user.set-pin': procedure(admin.manage, z.object({ id: UserId, pin: Pin }), done),
  'admin.user.suspend': procedure(admin.manage, z.object({ id: UserId, suspended: z.boolean() }), done),
  /** Ends the account for good; the jobs that wait are canceled and erased. */
  'admin.user.remove': procedure(admin.dangerous, z.object({ id: UserId }), done),
  'admin.user.rules': procedure(admin.read, none, UserRules),
  'admin.user.set-rules': procedure(admin.dangerous, UserRulesChange, UserRules),
  'admin.group.list': procedure(admin.read, none, z.array(UserGroupView)),
  'admin.group.add': procedure(admin.manage, z.object({ name: Name }), UserGroupView),
  /** Only of groups that were made here, as all changes of groups. */
  'admin.group.remove': procedure(admin.manage, z.object({ id: UserGroupId }), done),
  'admin.group.set-members': procedure(
    admin.manage,
    z.object({ id: UserGroupId, members: z.array(UserId).max(50_000) }),
    UserGroupView
  ),
  'admin.invitation.list': procedure(admin.read, none, z.array(InvitationView)),
  /**
   * For who is known by that name or address, or for a new account; it takes the place of an earlier one. Mailed where there is a mail
   * server and an address; `showLink`: the link is shown all the same.
   */
  'admin.invitation.create': procedure(
    admin.manage,
    z
      .object({
        name: Name.optional(),
        email: Email.optional(),
        hours: InvitationHours.default(72),
        showLink: z.boolean().default(false)
      })
      .refine(({ name, email }) => name ?? email, { path: ['name'], message: 'a name or an e-mail address' }),
    SentInvitation
  ),
  'admin.invitation.revoke': procedure(admin.manage, z.object({ id: InvitationId }), done),
  'admin.badge.list': procedure(admin.read, z.object({ user: UserId }), z.array(BadgeView)),
  'admin.badge.add': procedure(admin.manage, z.object({ user: UserId, number: BadgeNumber }), BadgeView),
  'admin.badge.remove': procedure(admin.manage, z.object({ id: BadgeId }), done),
  /** Null: nobody signs in through a provider. */
  'admin.sso.get': procedure(admin.read, none, SsoView.nullable()),
  /**
   * Asks the provider first. `clientSecret`: null for a client without; left out it stays, as long as it goes to the same
   * client of the same provider.
   */
  'admin.sso.set': procedure(
    admin.owner,
    SsoSettings.extend({ clientSecret: z.string().min(1).max(1024).nullable().optional() }),
    SsoView
  ),
  /** Ends nobody's session; who is whom stays known for the case that it is set up again. */
  'admin.sso.remove': procedure(admin.owner, none, done),
  'admin.sso.link.list': procedure(admin.read, none, z.array(SsoLinkView)),
  /** The next sign-in of this person is a first one. */
  'admin.sso.link.remove': procedure(admin.owner, z.object({ id: SsoLinkId }), done),
  /** Null: nothing is mailed. */
  'admin.mail.get': procedure(admin.read, none, MailView.nullable()),
  /**
   * Signs in at the server first. `password`: null for none; left out it stays, as long as it goes to the same user of the same
   * server.
   */
  'admin.mail.set': procedure(
    admin.owner,
    MailSettings.extend({ password: z.string().min(1).max(1024).nullable().optional() }),
    MailView
  ),
  'admin.mail.remove': procedure(admin.owner, none, done),
  /** Answers once the server has taken the mail. */
  'admin.mail.test': procedure(admin.owner, z.object({ to: Email }), done)
} as const;
