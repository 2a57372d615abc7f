import type { DeviceId, JobId, OrganizationId, UserId } from '../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Act, Perform } from './act.ts';
import { storedManifest } from './manifests.ts';
import type { JobRecord } from './store.ts';
import { requireUsable } from './suspensions.ts';

/**
 * Strict custody: that a ticket is taken is written down here, before it is made. The coordinator never sees one and could open
 * nothing with it; its part is to say who may have one, and to refuse those of machines that are not approved any more.
 */
export interface ReleaseTickets {
  /** `user`: from the session; `device`: from the TLS session; `expires`: milliseconds since the epoch. */
  taken(job: JobId, by: { readonly user: UserId; readonly device: DeviceId; readonly expires: number }): Promise<void>;
}

export function createReleaseTickets(options: {
  readonly organization: OrganizationId;
  readonly perform: Perform;
  readonly clock: Clock;
}): ReleaseTickets {
  const { organization, perform, clock } = options;
  return {
    taken: (id, { user, device, expires }) =>
      perform(`user:${user}`, async ({ tables, record }) => {
        const job = await tables.jobs.get(id);
        if (!job) throw new LetterlockError('not-found', 'job');
        if (job.owner !== user || job.device !== device) throw new LetterlockError('not-allowed', 'job');
        if (storedManifest(job).custody !== 'strict') throw new LetterlockError('conflict', 'not in strict custody');
        const now = clock.now();
        if (job.expires <= now) throw new LetterlockError('job-expired');
        if (job.state !== 'held' && job.state !== 'uncertain')
          throw new LetterlockError('job-not-releasable', job.state);
        if (expires <= now || expires > Math.min(job.expires, now + limits.ticketSeconds * 1000 + skewMs))
          throw new LetterlockError('input-invalid', 'expires');
        await requireUsable(tables, { organization, job: id, device });
        record('ticket.taken', id, { device, expires: isoTime(expires) });
      })
  };
}

/** By which the clock of the machine that makes it may be ahead. */
const skewMs = 60_000;

/** Of a release with a ticket: the machine that made it is approved now. Throws `ticket-invalid`. */
export async function requireIssuer({ tables }: Act, { device }: JobRecord): Promise<void> {
  if ((await tables.devices.get(device))?.status !== 'approved')
    throw new LetterlockError('ticket-invalid', 'the computer that made it is not approved');
}
