import { hkdfSync } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { OrganizationId } from '../../../src-preload/contract/index.ts';
import { utf8 } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Perform } from '../act.ts';
import type { AdminArea, AdminHandlers } from '../admin/area.ts';
import { administratorHandlers } from '../admins/accounts.ts';
import { createApiTokens } from '../admins/api-tokens.ts';
import { createPasskeys } from '../admins/passkeys.ts';
import { createSecondFactor } from '../admins/second-factor.ts';
import { createAdminSignIn } from '../admins/sign-in.ts';
import type { Changes } from '../changes.ts';
import type { EventStreams } from '../event-streams.ts';
import type { JobRegistry } from '../job-registry.ts';
import type { Lockout } from '../lockout.ts';
import type { Mail } from '../mail/mail.ts';
import type { Pairing } from '../pairing/pairing.ts';
import { portalProcedures } from '../portal/portal-procedures.ts';
import { groupKind, userKind } from '../scim/directory.ts';
import { addScimRoutes } from '../scim/scim-routes.ts';
import { createSso } from '../sso/sso.ts';
import type { CoordinatorStore } from '../store.ts';
import type { Badges } from '../users/badges.ts';
import { createEmailSignIn } from '../users/email-sign-in.ts';
import { addEmailSignInPage } from '../users/email-sign-in-page.ts';
import { addInvitationPage } from '../users/invitation-page.ts';
import type { Invitations } from '../users/invitations.ts';
import type { RemoveUser } from '../users/removal.ts';
import type { Users } from '../users/users.ts';
import { accountProcedures } from './account-procedures.ts';
import { createAuthenticate } from './authenticate.ts';
import { consoleProcedures } from './console-procedures.ts';
import { createEventSource } from './event-source.ts';
import { createWebSignIn, type WebSignIn } from './session-procedures.ts';
import { addWebRoutes } from './web-routes.ts';
import { createWebSessions } from './web-sessions.ts';

/** Administrators, their sign-ins and tokens, and the web listener that they use: its parts, wired. No rule is in this file. */
export interface Web {
  readonly handlers: AdminArea<'admin' | 'api-token' | 'sso' | 'mail'>;
  readonly openWebSession: WebSignIn['openWebSession'];
  addRoutes(app: FastifyInstance, adminHandlers: AdminHandlers): Promise<void>;
  /** Ends the event streams. */
  close(): void;
}

export function createWeb(options: {
  readonly store: CoordinatorStore;
  readonly organization: { readonly id: OrganizationId; readonly name: string };
  /** From the key files; only keys derived from it are used. */
  readonly rootKey: Uint8Array;
  readonly users: Users;
  readonly badges: Badges;
  readonly invitations: Invitations;
  readonly mail: Mail;
  /** https://host:port of the web listener. */
  readonly webUrl: () => string;
  readonly removeUser: RemoveUser;
  /** Deadlines may have changed. */
  readonly rearm: () => void;
  readonly registry: Pick<JobRegistry, 'cancel'>;
  readonly lockout: Lockout;
  readonly streams: EventStreams;
  readonly pairing: Pick<Pairing, 'waiting'>;
  readonly changes: Changes;
  readonly initialPasswordFile: string;
  /** The built console and portal; undefined: a plain page. */
  readonly pagesDir: string | undefined;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly logger: Logger;
}): Web {
  const { store, organization, rootKey, lockout, changes, perform, clock, logger } = options;
  const key = (label: string) =>
    new Uint8Array(hkdfSync('sha256', rootKey, utf8(organization.id), utf8(`letterlock/v1/${label}`), 32));

  const secondFactor = createSecondFactor({
    totpKey: key('administrator-totp'),
    recoveryKey: key('administrator-recovery-codes'),
    organizationName: organization.name,
    clock
  });
  const passkeys = createPasskeys({ organizationName: organization.name, key: key('administrator-handles'), clock });
  const signIn = createAdminSignIn({ store, lockout, secondFactor, passkeys, perform });
  const apiTokens = createApiTokens({ store, perform, clock });
  const sessions = createWebSessions({ store, key: key('web-sessions'), clock });
  const authenticate = createAuthenticate({ store, sessions, apiTokens, clock });
  const events = createEventSource({ store, changes, again: authenticate.again, clock });
  const organizationName = organization.name;
  const web = createWebSignIn({ ...options, sessions, signIn, passkeys, organizationName });
  const sso = createSso({ store, key, openWebSession: web.openWebSession, perform, clock, logger });
  const emailSignIn = createEmailSignIn({ ...options, organizationName });
  const webHandlers = {
    ...web.handlers,
    ...sso.webHandlers,
    ...emailSignIn.handlers,
    ...accountProcedures({ ...options, sessions, secondFactor, passkeys }),
    ...consoleProcedures({ ...options, sessions }),
    ...portalProcedures({ ...options, emailSignIn })
  };

  return {
    handlers: {
      ...administratorHandlers({ store, perform, clock }),
      ...apiTokens.handlers,
      ...sso.handlers,
      ...options.mail.handlers
    },
    openWebSession: web.openWebSession,
    async addRoutes(app, adminHandlers) {
      await addWebRoutes(app, {
        authenticate,
        adminHandlers,
        webHandlers,
        events,
        pagesDir: options.pagesDir,
        clock,
        logger
      });
      sso.addRoutes(app);
      await addInvitationPage(app, { organization: organization.name, invitations: options.invitations });
      await addEmailSignInPage(app, {
        organization: organization.name,
        signIn: emailSignIn,
        openWebSession: web.openWebSession
      });
      await addScimRoutes(app, { kinds: [userKind(options), groupKind(options)], apiTokens, logger });
    },
    close: events.close
  };
}
