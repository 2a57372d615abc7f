import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Perform } from '../act.ts';
import type { EventStreams } from '../event-streams.ts';
import type { JobSteps } from '../job-steps.ts';
import { createLockout, type Lockout } from '../lockout.ts';
import { createMail, type Mail } from '../mail/mail.ts';
import { createSessions, type Sessions } from '../sessions.ts';
import type { CoordinatorStore } from '../store.ts';
import { type Badges, openBadges } from './badges.ts';
import { createInvitations, type Invitations } from './invitations.ts';
import { createPins } from './pins.ts';
import { createRemoveUser, type RemoveUser } from './removal.ts';
import { createUsers, type Users } from './users.ts';

/** Users, how they prove who they are, and how they come and go: only joined here. */
export interface People {
  readonly lockout: Lockout;
  readonly sessions: Sessions;
  readonly badges: Badges;
  readonly users: Users;
  readonly removeUser: RemoveUser;
  readonly mail: Mail;
  readonly invitations: Invitations;
}

export function createPeople(options: {
  readonly store: CoordinatorStore;
  readonly organization: { readonly id: Parameters<typeof openBadges>[0]['organization']; readonly name: string };
  readonly rootKey: Parameters<typeof openBadges>[0]['rootKey'];
  readonly streams: EventStreams;
  readonly steps: JobSteps;
  readonly webUrl: () => string;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly logger: Logger;
}): People {
  const { store, organization, rootKey, streams, steps, webUrl, perform, clock, logger } = options;
  const lockout = createLockout({ store, organization: organization.id, rootKey, clock });
  const sessions = createSessions({
    store,
    clock,
    onEnded: ({ user, device }) => streams.sendAnywhere(device, { type: 'session-ended', user })
  });
  const badges = openBadges({ store, rootKey, organization: organization.id, perform, clock });
  const pins = createPins(store, badges);
  const users = createUsers({ store, sessions, badges, pins, lockout, perform, clock });
  const removeUser = createRemoveUser({ steps, signOut: users.signOut, clock });
  const mail = createMail({ store, organization, rootKey, perform, clock, logger });
  const organizationName = organization.name;
  const invitations = createInvitations({ store, users, pins, mail, organizationName, webUrl, perform, clock });
  return { lockout, sessions, badges, users, removeUser, mail, invitations };
}
