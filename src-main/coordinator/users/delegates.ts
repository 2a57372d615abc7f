import type { z } from 'zod';
import type { DelegateView, UserId } from '../../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Perform } from '../act.ts';
import type { CoordinatorStore, Tables, UserRecord } from '../store.ts';
import { theUser, type WebArea } from '../web/web-call.ts';
import { nameKey } from './accounts.ts';
import type { DelegateRecord } from './tables.ts';
import type { Users } from './users.ts';

type DelegateHandlers = Pick<
  WebArea<'portal'>,
  'portal.delegate.list' | 'portal.delegate.add' | 'portal.delegate.remove'
>;

/**
 * A colleague who may see and release my jobs at stations, until a date: nothing else of mine. Whether somebody is one is looked
 * up each time that it matters, so it ends at once. A delegate cannot pass it on, and a guest is none.
 */
export function delegateProcedures(options: {
  readonly store: CoordinatorStore;
  readonly users: Pick<Users, 'signOut'>;
  readonly perform: Perform;
  readonly clock: Clock;
}): DelegateHandlers {
  const { store, users, perform, clock } = options;
  const { tables } = store;

  const shown = async (all: readonly DelegateRecord[], side: 'owner' | 'user') => {
    const views: z.infer<typeof DelegateView>[] = [];
    for (const one of all) {
      const user = await tables.users.get(one[side]);
      if (user && one.until > clock.now()) views.push({ user: user.id, name: user.name, until: isoTime(one.until) });
    }
    return views;
  };

  return {
    async 'portal.delegate.list'(_input, call) {
      const { id, host } = theUser(call).user;
      const allowed = host === null && (await tables.organization.userRules()).delegates;
      return {
        allowed,
        mine: await shown(await tables.delegates.ofOwner(id), 'user'),
        forMe: allowed ? await shown(await tables.delegates.ofUser(id), 'owner') : []
      };
    },

    'portal.delegate.add': ({ name, until }, call) => {
      const { user: owner } = theUser(call);
      return perform(`user:${owner.id}`, async ({ tables, record }) => {
        const now = clock.now();
        const end = Date.parse(until);
        if (!(await tables.organization.userRules()).delegates)
          throw new LetterlockError('policy-refused', 'delegates');
        if (end <= now || end > now + limits.delegateDays * 24 * 3600 * 1000)
          throw new LetterlockError('input-invalid', `until: within ${limits.delegateDays} days`);
        const user = await tables.users.byNameKey(nameKey(name));
        if (user?.status !== 'active') throw new LetterlockError('not-found', 'user');
        if (user.id === owner.id) throw new LetterlockError('input-invalid', 'name: your own');
        if (owner.host !== null || user.host !== null) throw new LetterlockError('not-allowed', 'guests');
        const others = (await tables.delegates.ofOwner(owner.id)).filter((one) => one.user !== user.id);
        for (const over of others.filter((one) => one.until <= now)) await tables.delegates.remove(owner.id, over.user);
        if (others.filter((one) => one.until > now).length >= limits.delegates)
          throw new LetterlockError('conflict', 'too many delegates');
        await tables.delegates.put({ owner: owner.id, user: user.id, until: end, created: now });
        record('delegate.added', owner.id, { owner: owner.id, delegate: user.id, until: isoTime(end) });
        return { user: user.id, name: user.name, until: isoTime(end) };
      });
    },

    'portal.delegate.remove': ({ user }, call) => {
      const { id: owner } = theUser(call).user;
      return perform(`user:${owner}`, async ({ tables, record, after }) => {
        if (!(await tables.delegates.remove(owner, user))) throw new LetterlockError('not-found', 'delegate');
        record('delegate.removed', owner, { owner, delegate: user });
        // Titles that a station has read for them are forgotten there.
        after(() => users.signOut(user));
        return {};
      });
    }
  };
}

/** Whose jobs this user may release at a station now, besides their own. */
export async function ownersFor(tables: Tables, user: UserId, now: number): Promise<UserRecord[]> {
  const owners: UserRecord[] = [];
  for (const { owner } of await tables.delegates.ofUser(user)) {
    const found = await tables.users.get(owner);
    if (found && (await isDelegate(tables, { owner, user, now }))) owners.push(found);
  }
  return owners;
}

/** Both are active, the organization allows it, and its time is not over. */
export async function isDelegate(
  { delegates, users, organization }: Tables,
  { owner, user, now }: { readonly owner: UserId; readonly user: UserId; readonly now: number }
): Promise<boolean> {
  const found = await delegates.get(owner, user);
  if (!found || found.until <= now || !(await organization.userRules()).delegates) return false;
  return (await users.get(owner))?.status === 'active' && (await users.get(user))?.status === 'active';
}
