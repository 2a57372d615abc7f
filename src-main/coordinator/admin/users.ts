import type { z } from 'zod';
import type { UserView } from '../../../src-preload/contract/index.ts';
import { isoTime } from '../../base/clock.ts';
import type { Perform } from '../act.ts';
import type { CoordinatorStore, UserRecord } from '../store.ts';
import { requireUser } from '../users/accounts.ts';
import type { RemoveUser } from '../users/removal.ts';
import { userRuleHandlers } from '../users/rules.ts';
import type { Users } from '../users/users.ts';
import type { AdminArea } from './area.ts';

export interface UserHandlerOptions {
  readonly store: CoordinatorStore;
  readonly users: Users;
  readonly removeUser: RemoveUser;
  readonly perform: Perform;
}

export const userHandlers = ({ store, users, removeUser, perform }: UserHandlerOptions): AdminArea<'user'> => ({
  'admin.user.list': async () => (await store.tables.users.list()).map(view),
  'admin.user.add': async (user, actor) => view(await users.add(user, actor)),
  async 'admin.user.set-email'({ id, email }, actor) {
    await users.setEmail(id, email, actor);
    return {};
  },
  async 'admin.user.set-pin'({ id, pin }, actor) {
    await users.setPin(id, pin, actor);
    return {};
  },
  async 'admin.user.suspend'({ id, suspended }, actor) {
    await users.suspend(id, suspended, actor);
    return {};
  },
  async 'admin.user.remove'({ id }, actor) {
    await perform(actor, async (act) => removeUser(act, await requireUser(act.tables, id)));
    return {};
  },
  ...userRuleHandlers({ store, perform })
});

const view = ({ id, name, email, status, pinHash, expires, host }: UserRecord): z.infer<typeof UserView> => ({
  id,
  name,
  email,
  status,
  hasPin: pinHash !== null,
  expires: expires === null ? null : isoTime(expires),
  host
});
