import { z } from 'zod';
import { BadgeId, JobId, UserId } from '../ids.ts';
import { DelegateView, GuestView, InvitationLink } from '../user-views.ts';
import { BadgeView, DeviceView } from '../views.ts';
import { PortalJobView } from '../web-views.ts';
import { portal, procedure } from './access.ts';
import { BadgeNumber, done, Name, none, Pin } from './fields.ts';

/** A user's own things. */
export const portalProcedures = {
  /** A user's own jobs, newest first: sizes and states, never titles. */
  'portal.job.list': procedure(portal.read, none, z.array(PortalJobView)),
  'portal.job.cancel': procedure(portal.change, z.object({ id: JobId }), done),
  /** Machines that print for this user. */
  'portal.device.list': procedure(portal.read, none, z.array(DeviceView)),
  /** The present PIN, if there is one, is asked for once more; wrong ones count as at a station. Ends the user's other sessions. */
  'portal.pin.set': procedure(portal.change, z.object({ pin: Pin.optional(), newPin: Pin }), done),
  'portal.badge.list': procedure(portal.read, none, z.array(BadgeView)),
  /** With the PIN, because a badge may sign in by itself afterwards. */
  'portal.badge.add': procedure(portal.change, z.object({ pin: Pin, number: BadgeNumber }), BadgeView),
  'portal.badge.remove': procedure(portal.change, z.object({ id: BadgeId }), done),
  /** `offered`: whether links by mail sign in here. */
  'portal.email.get': procedure(
    portal.read,
    none,
    z.object({ email: z.string().nullable(), confirmed: z.boolean(), offered: z.boolean() })
  ),
  /** Mails a link that signs in this browser; with its use the address is confirmed. */
  'portal.email.confirm': procedure(portal.change, none, done),
  /** `mine`: who may release for me. `forMe`: for whom I may. */
  'portal.delegate.list': procedure(
    portal.read,
    none,
    z.object({ allowed: z.boolean(), mine: z.array(DelegateView), forMe: z.array(DelegateView) })
  ),
  /** Lets a colleague see and release the caller's jobs at stations until then. Said again it moves the date. */
  'portal.delegate.add': procedure(portal.change, z.object({ name: Name, until: z.iso.datetime() }), DelegateView),
  /** At once: the colleague is signed out at stations. */
  'portal.delegate.remove': procedure(portal.change, z.object({ user: UserId }), done),
  'portal.guest.list': procedure(
    portal.read,
    none,
    z.object({ allowed: z.boolean(), longestHours: z.number(), guests: z.array(GuestView) })
  ),
  /** An account that ends by itself, for shared printers and stations. The link is for the guest, shown this once. */
  'portal.guest.invite': procedure(portal.change, z.object({ name: Name, hours: z.int().min(1) }), InvitationLink),
  /** Before its time. Jobs that wait are canceled and erased. */
  'portal.guest.remove': procedure(portal.change, z.object({ id: UserId }), done)
} as const;
