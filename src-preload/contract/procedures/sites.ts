import { z } from 'zod';
import { DeviceId, PrinterId } from '../ids.ts';
import { SiteId, SiteView } from '../site-views.ts';
import { AdminPrinterView, DeviceView } from '../views.ts';
import { admin, procedure } from './access.ts';
import { done, Name, none } from './fields.ts';

/** Sites, and what belongs to them. docs/guide/administrators.md says what stays within one. */
export const siteProcedures = {
  /** The first one first, then by id. */
  'admin.site.list': procedure(admin.read, none, z.array(SiteView)),
  /** With a release key of its own. `conflict`: the id is taken. */
  'admin.site.create': procedure(admin.manage, z.object({ id: SiteId, name: Name }), SiteView),
  'admin.site.rename': procedure(admin.manage, z.object({ id: SiteId, name: Name }), SiteView),
  /** `conflict` while anything belongs to it or names it, and for the first one. Its keys go with it. */
  'admin.site.remove': procedure(admin.dangerous, z.object({ id: SiteId }), done),
  /** Takes effect when the machine gets the next directory; what it keeps for the old site stays there until it is erased. */
  'admin.device.move': procedure(admin.manage, z.object({ id: DeviceId, site: SiteId }), DeviceView),
  'admin.printer.move': procedure(admin.manage, z.object({ id: PrinterId, site: SiteId }), AdminPrinterView)
} as const;
