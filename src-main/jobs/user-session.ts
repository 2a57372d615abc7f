import { z } from 'zod';
import { Session, type SignIn } from '../protocol/device-api.ts';
import type { JobsOrganization } from './port.ts';

const Done = z.object({});

export type UserSession = z.infer<typeof Session>;

/** `pin-wrong`, `pin-required` (badges), `pin-locked`, `coordinator-unreachable`. Neither PIN nor session is ever kept on disk or logged. */
export const openSession = (organization: JobsOrganization, user: string, pin: string): Promise<UserSession> =>
  openSessionBy(organization, { user, pin });

export const openSessionBy = (organization: JobsOrganization, proof: SignIn): Promise<UserSession> =>
  organization.call('/v1/sessions', proof, Session);

/** Not waited for by anybody: it expires by itself. */
export const endSession = (organization: JobsOrganization, { session }: UserSession): Promise<void> =>
  organization.call('/v1/sessions/end', { session }, Done).then(
    () => {},
    () => {}
  );
