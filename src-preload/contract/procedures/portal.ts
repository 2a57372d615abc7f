import { z } from 'zod';
import { BadgeId, JobId } from '../ids.ts';
import { BadgeView, DeviceView } from '../views.ts';
import { PortalJobView } from '../web-views.ts';
import { portal, procedure } from './access.ts';
import { BadgeNumber, done, none, Pin } from './fields.ts';

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
  'portal.badge.remove': procedure(portal.change, z.object({ id: BadgeId }), done)
} as const;
