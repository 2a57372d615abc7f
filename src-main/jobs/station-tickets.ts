import type { DeviceId, JobId, PrinterId } from '../../src-preload/contract/ids.ts';
import type { Custody } from '../../src-preload/contract/views.ts';
import { wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import type { Sealed } from '../identity/hpke.ts';
import type { Signed } from '../identity/signed-statement.ts';
import { metadataKeyOf } from '../sealing/key-schedule.ts';
import { openTicket, type ReleaseTicket } from '../sealing/release-ticket.ts';
import type { Description } from './descriptions.ts';
import type { ReleaseRequest } from './job-release.ts';
import type { JobsPorts } from './port.ts';
import { describedBy } from './station-description.ts';
import { agreementOf, sealUnder } from './strict-custody.ts';

/**
 * Strict custody at a station: job parts that the person who is signed in has brought in release tickets. In memory, for this visit;
 * each leaves only sealed to the node of a grant that this visit was given.
 */
export interface StationTickets {
  /**
   * Keeps the ticket's job part, which is then known to open the job. `listed`: the job, if it is in this person's list.
   * Throws `ticket-invalid`, `ticket-expired`, `ticket-not-listed`, `node-unreachable`, `session-expired`.
   */
  read(text: string, listed: (job: JobId) => Listed | undefined): Promise<{ job: JobId; description: Description }>;
  has(job: JobId): boolean;
  /** What a release needs besides, where there is a ticket for the job. */
  forRelease(job: JobId, printer: PrinterId): Pick<ReleaseRequest, 'ticket' | 'jobPartFor'>;
  /** Wipes all of them, and takes no more. */
  forget(): void;
}
type Listed = { readonly holders: readonly DeviceId[]; readonly custody: Custody };

export function createStationTickets(ports: JobsPorts): StationTickets {
  const { organization, clock } = ports;
  const kept = new Map<JobId, Uint8Array>();
  let over = false;

  /** Of machines that print for people, and are approved now. */
  const publicKeyOf = (id: DeviceId) => {
    const device = organization.device(id);
    return device?.roles.includes('client') ? decoded(device.signing) : undefined;
  };

  /** Whether it is right shows before a release is asked for: it opens the title, and that under its own device's signature. */
  async function describe({ job, device, jobPart }: ReleaseTicket, holders: Listed['holders']): Promise<Description> {
    const key = metadataKeyOf(jobPart, job);
    try {
      const found = await describedBy(key, { id: job, holders }, ports);
      if (found.device !== device) throw new LetterlockError('ticket-invalid', 'made by another computer');
      return found.description;
    } catch (error) {
      if (error instanceof LetterlockError && error.code === 'seal-broken')
        throw new LetterlockError('ticket-invalid', 'it does not open the document', { cause: error });
      throw error;
    } finally {
      wipe(key);
    }
  }

  return {
    async read(text, listed) {
      const ticket = openTicket(text, { publicKeyOf, now: clock.now() });
      const { job, jobPart } = ticket;
      try {
        const found = listed(job);
        if (found?.custody !== 'strict') throw new LetterlockError('ticket-not-listed');
        const description = await describe(ticket, found.holders);
        if (over) throw new LetterlockError('session-expired');
        wipe(kept.get(job));
        kept.set(job, jobPart.slice());
        return { job, description };
      } finally {
        wipe(jobPart);
      }
    },
    has: (job) => kept.has(job),
    forRelease(job, printer) {
      if (!kept.has(job)) return {};
      return { ticket: true, jobPartFor: (grant, node) => sealed(grant, { job, node, printer }) };
    },
    forget() {
      over = true;
      wipe(...kept.values());
      kept.clear();
    }
  };

  async function sealed(grant: Signed, asked: { job: JobId; node: DeviceId; printer: PrinterId }): Promise<Sealed> {
    const agreement = agreementOf(grant, asked, organization);
    const jobPart = kept.get(asked.job)?.slice(); // a copy: who leaves meanwhile wipes the other
    if (!jobPart) throw new LetterlockError('session-expired');
    try {
      return await sealUnder(agreement, jobPart, organization);
    } finally {
      wipe(jobPart);
    }
  }
}
