import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Perform } from '../act.ts';
import type { CoordinatorStore, Tables, UserRecord } from '../store.ts';
import { theUser, type WebArea } from '../web/web-call.ts';
import { addUser, requireUser } from './accounts.ts';
import { groupsOf } from './groups.ts';
import type { Invitations } from './invitations.ts';
import type { RemoveUser } from './removal.ts';

type GuestHandlers = Pick<WebArea<'portal'>, 'portal.guest.list' | 'portal.guest.invite' | 'portal.guest.remove'>;

/**
 * Guests: accounts that a user asks for and that end by themselves (deadlines.ts), with what they printed. They print at shared
 * printers and release at stations as everybody does; they own no machine, name no delegate and invite nobody.
 */
export function guestProcedures(options: {
  readonly store: CoordinatorStore;
  readonly invitations: Pick<Invitations, 'issue'>;
  readonly removeUser: RemoveUser;
  /** There is a deadline more. */
  readonly rearm: () => void;
  readonly perform: Perform;
  readonly clock: Clock;
}): GuestHandlers {
  const { store, invitations, removeUser, rearm, perform, clock } = options;

  return {
    async 'portal.guest.list'(_input, call) {
      const { user } = theUser(call);
      const { guestHours } = await store.tables.organization.userRules();
      return {
        allowed: await mayInvite(store.tables, user),
        longestHours: guestHours,
        guests: (await store.tables.users.guestsOf(user.id)).map(({ id, name, expires, pinHash }) => ({
          id,
          name,
          until: isoTime(expires ?? 0),
          hasPin: pinHash !== null
        }))
      };
    },

    'portal.guest.invite': ({ name, hours }, call) => {
      const { user: host } = theUser(call);
      return perform(`user:${host.id}`, async (act) => {
        const { tables, after } = act;
        if (!(await mayInvite(tables, host))) throw new LetterlockError('policy-refused', 'guests');
        const { guestHours } = await tables.organization.userRules();
        if (hours > guestHours) throw new LetterlockError('policy-refused', `guests: at most ${guestHours} hours`);
        if ((await tables.users.guestsOf(host.id)).length >= limits.guests)
          throw new LetterlockError('conflict', 'too many guests');
        const now = clock.now();
        const guest = await addUser(act, {
          name,
          guest: { expires: now + hours * 3600 * 1000, host: host.id },
          now
        });
        after(rearm);
        return invitations.issue(act, guest, { email: null, hours });
      });
    },

    'portal.guest.remove': ({ id }, call) => {
      const { user: host } = theUser(call);
      return perform(`user:${host.id}`, async (act) => {
        const guest = await requireUser(act.tables, id);
        if (guest.host !== host.id) throw new LetterlockError('not-found', 'guest');
        await removeUser(act, guest);
        return {};
      });
    }
  };
}

async function mayInvite(tables: Tables, { id, host }: UserRecord): Promise<boolean> {
  const { guests, guestHosts } = await tables.organization.userRules();
  if (!guests || host !== null) return false;
  return guestHosts === null || (await groupsOf(tables, id)).some((group) => group.id === guestHosts);
}
