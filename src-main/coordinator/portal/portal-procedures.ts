import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Perform } from '../act.ts';
import type { EventStreams } from '../event-streams.ts';
import type { JobRegistry } from '../job-registry.ts';
import type { CoordinatorStore, UserRecord } from '../store.ts';
import type { Badges } from '../users/badges.ts';
import { delegateProcedures } from '../users/delegates.ts';
import type { EmailSignIn } from '../users/email-sign-in.ts';
import { guestProcedures } from '../users/guests.ts';
import type { Invitations } from '../users/invitations.ts';
import { requireApart } from '../users/pins.ts';
import type { RemoveUser } from '../users/removal.ts';
import type { Users } from '../users/users.ts';
import { theUser, type WebArea, type WebCall } from '../web/web-call.ts';

/** What a user may see and do in the portal: their own jobs, machines and PIN, and nobody else's. */
export function portalProcedures(options: {
  readonly store: CoordinatorStore;
  readonly registry: Pick<JobRegistry, 'cancel'>;
  readonly users: Users;
  readonly badges: Badges;
  readonly streams: EventStreams;
  readonly invitations: Invitations;
  readonly emailSignIn: Pick<EmailSignIn, 'portalHandlers'>;
  readonly removeUser: RemoveUser;
  readonly rearm: () => void;
  readonly perform: Perform;
  readonly clock: Clock;
}): WebArea<'portal'> {
  const { store, registry, users, badges, streams, perform } = options;

  async function requirePin({ name }: UserRecord, pin: string | undefined, { address }: WebCall): Promise<void> {
    if (pin === undefined) throw new LetterlockError('input-invalid', 'pin');
    await users.checkPin(name, pin, `address:${address}`);
  }

  return {
    async 'portal.job.list'(_input, call) {
      const { user } = theUser(call);
      const jobs = await store.tables.jobs.openOfOwner(user.id, limits.listedJobs);
      const printers = new Map((await store.tables.printers.list()).map(({ id, name }) => [id, name]));
      return Promise.all(
        jobs.map(async ({ id, state, size, created, expires, printer }) => ({
          id,
          state,
          size,
          created: isoTime(created),
          expires: isoTime(expires),
          printer: printer && (printers.get(printer) ?? null),
          reachable: (await store.tables.holders.of(id)).some((node) => streams.isOnline(node))
        }))
      );
    },
    async 'portal.job.cancel'({ id }, call) {
      await registry.cancel(id, { user: theUser(call).user.id });
      return {};
    },
    async 'portal.device.list'(_input, call) {
      const { user } = theUser(call);
      const own = (await store.tables.devices.list()).filter(({ owner }) => owner === user.id);
      return own.map(({ id, name, roles, status, url, cloud, certificateExpires, site }) => ({
        id,
        name,
        roles: [...roles],
        status,
        owner: user.name,
        url,
        cloud,
        online: streams.isOnline(id),
        certificateExpires: isoTime(certificateExpires),
        site
      }));
    },
    async 'portal.pin.set'({ pin, newPin }, call) {
      const { user, session } = theUser(call);
      // Whoever came by single sign-on may have none yet.
      if (user.pinHash !== null) await requirePin(user, pin, call);
      const actor = `user:${user.id}`;
      await users.setPin(user.id, newPin, actor);
      await perform(actor, ({ tables }) => tables.webSessions.removeOf('user', user.id, session.id));
      return {};
    },

    'portal.badge.list': async (_input, call) => badges.of(theUser(call).user.id),
    async 'portal.badge.add'({ pin, number }, call) {
      const { user } = theUser(call);
      if (user.host !== null) throw new LetterlockError('not-allowed', 'guests');
      await requirePin(user, pin, call);
      requireApart(pin, number);
      return badges.add(user.id, number, `user:${user.id}`);
    },
    async 'portal.badge.remove'({ id }, call) {
      const { user } = theUser(call);
      await badges.remove(id, `user:${user.id}`, user.id);
      return {};
    },
    ...delegateProcedures(options),
    ...guestProcedures(options),
    ...options.emailSignIn.portalHandlers
  };
}
