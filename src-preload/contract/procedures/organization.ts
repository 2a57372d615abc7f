import { z } from 'zod';
import { NodeConditionView } from '../node-views.ts';
import { DeviceView, SeenView } from '../views.ts';
import { ConsoleStart, DayReport, NewPassword } from '../web-views.ts';
import { admin, procedure } from './access.ts';
import { none } from './fields.ts';

/** The organization as a whole. */
export const organizationProcedures = {
  /**
   * Keys and database, sealed to a recovery passphrase, into a new file of the coordinator's machine; whoever has both has the
   * organization. Not over the network.
   */
  'admin.backup.create': procedure(
    { callers: ['local'] },
    z.object({ path: z.string().min(1).max(4096), passphrase: NewPassword }),
    z.object({ id: z.uuid(), bytes: z.number() })
  ),
  /** Jobs that ended on each of the last days, today last, days without any included. Days begin at midnight UTC. */
  'admin.report.daily': procedure(
    admin.read,
    z.object({ days: z.number().int().min(1).max(366).default(14) }),
    z.array(DayReport)
  ),
  'admin.mesh.status': procedure(
    admin.read,
    none,
    z.object({
      nodes: z.array(
        DeviceView.extend({
          seen: SeenView.optional(),
          /** Absent while it is not connected, or has not said. */
          condition: NodeConditionView.optional()
        })
      )
    })
  ),
  /** Everything that the console's first page shows. */
  'console.start': procedure({ callers: ['admin'], safe: true }, none, ConsoleStart)
} as const;
