import type { z } from 'zod';
import type { UserView } from '../../../src-preload/contract/index.ts';
import type { CoordinatorStore, UserRecord } from '../store.ts';
import type { Users } from '../users/users.ts';
import type { AdminArea } from './area.ts';

export interface UserHandlerOptions {
  readonly store: CoordinatorStore;
  readonly users: Users;
}

export const userHandlers = ({ store, users }: UserHandlerOptions): AdminArea<'user'> => ({
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
  }
});

const view = ({ id, name, email, status, pinHash }: UserRecord): z.infer<typeof UserView> => ({
  id,
  name,
  email,
  status,
  hasPin: pinHash !== null
});
