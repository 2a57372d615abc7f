import { z } from 'zod';
import { NewPassword } from '../web-views.ts';
import { admin, procedure } from './access.ts';
import { none } from './fields.ts';

/** Several coordinators over one database. */
export const coordinatorProcedures = {
  'admin.coordinator.list': procedure(
    admin.read,
    none,
    z.array(
      z.object({
        /** https://host:port: where devices, those that want to be paired, and browsers find it. */
        url: z.string(),
        pairingUrl: z.string(),
        webUrl: z.string(),
        since: z.iso.datetime()
      })
    )
  ),
  /** Machines do not look for it any more. One that still runs puts itself there again at its next start. */
  'admin.coordinator.remove': procedure(admin.dangerous, z.object({ url: z.string().max(512) }), none),
  /**
   * The organization's keys for one more coordinator, sealed to a passphrase, into a new file of the coordinator's machine;
   * whoever has both, and the database, has the organization. Not over the network.
   */
  'admin.coordinator.bundle': procedure(
    { callers: ['local'] },
    z.object({ path: z.string().min(1).max(4096), passphrase: NewPassword }),
    none
  )
} as const;
