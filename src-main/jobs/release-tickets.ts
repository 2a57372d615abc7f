import { z } from 'zod';
import type { JobId } from '../../src-preload/contract/ids.ts';
import type { TicketView } from '../../src-preload/contract/views.ts';
import { wipe } from '../base/bytes.ts';
import { isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { writeTicket } from '../sealing/release-ticket.ts';
import { releasable } from './client-release.ts';
import type { JobStore } from './job-store.ts';
import type { JobsPorts } from './port.ts';
import type { Registrar } from './registration.ts';
import { openKept } from './strict-custody.ts';
import { endSession, openSession } from './user-session.ts';

export interface TicketRequest {
  readonly job: JobId;
  /** Default: the job's owner. */
  readonly user?: string | undefined;
  readonly pin: string;
}

const Done = z.object({});

/**
 * Strict custody: makes a ticket with which the owner prints a job while this machine is off. It takes what a release here takes:
 * the owner's PIN, checked by the coordinator, which writes the ticket down and never sees it. Throws `conflict` for a job that needs
 * none, `coordinator-unreachable`, `pin-wrong`, `pin-locked`, and the coordinator's refusal.
 */
export async function takeTicket(
  { job, user, pin }: TicketRequest,
  { store, registrar, ports }: { readonly store: JobStore; readonly registrar: Registrar; readonly ports: JobsPorts }
): Promise<TicketView> {
  const { identity, organization, clock } = ports;
  const record = releasable(store.get(job));
  if (record.custody !== 'strict') throw new LetterlockError('conflict', 'not in strict custody: it needs no ticket');
  if (!(await registrar.register(job))) throw new LetterlockError('coordinator-unreachable');
  const latest = clock.now() + limits.ticketSeconds * 1000;
  const expires = Math.min(Date.parse(record.expires), Math.floor(latest / 1000) * 1000);
  const jobPart = await openKept(record, identity);
  try {
    const session = await openSession(organization, user ?? record.owner, pin);
    try {
      const said = { session: session.session, expires: isoTime(expires) };
      await organization.call(`/v1/jobs/${job}/ticket`, said, Done);
    } finally {
      void endSession(organization, session);
    }
    const text = await writeTicket({ job, device: identity.id, expires, jobPart }, identity.signing);
    return { job, expires: isoTime(expires), text };
  } finally {
    wipe(jobPart);
  }
}
