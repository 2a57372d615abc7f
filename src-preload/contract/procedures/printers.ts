import { z } from 'zod';
import { PrinterId } from '../ids.ts';
import { SiteId } from '../site-views.ts';
import { AdminPrinterView, DeliveryGrade } from '../views.ts';
import { admin, procedure } from './access.ts';
import { done, Name, none } from './fields.ts';

/** Printers and their certificates. */
export const printerProcedures = {
  'admin.printer.list': procedure(admin.read, none, z.array(AdminPrinterView)),
  /** Asks the printer for its certificate and capabilities; the printer stays pending until it is approved. */
  'admin.printer.add': procedure(
    admin.manage,
    z.object({
      name: Name,
      uri: z.string().max(512),
      location: z.string().max(128).default(''),
      /** Absent: the first one. */
      site: SiteId.optional()
    }),
    AdminPrinterView
  ),
  /** `certificateSha256`: as compared by the administrator; must be the one that was seen. */
  'admin.printer.approve': procedure(
    admin.manage,
    z.object({
      id: PrinterId,
      certificateSha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .nullable(),
      grade: DeliveryGrade.default('ipps-required')
    }),
    AdminPrinterView
  ),
  /** Asks the printer once more what it can do; what it answers is offered to those who print. */
  'admin.printer.refresh': procedure(admin.manage, z.object({ id: PrinterId }), AdminPrinterView),
  'admin.printer.remove': procedure(admin.manage, z.object({ id: PrinterId }), done)
} as const;
