import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { AdminAccountView } from '../../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { hashPassword } from '../../identity/passwords.ts';
import type { Act, Perform } from '../act.ts';
import type { AdminArea } from '../admin/area.ts';
import type { CoordinatorStore, Tables } from '../store.ts';
import type { AdminRecord } from './tables.ts';

/** Who administers: added, given another role, helped when locked out, removed. There is always an owner. */
export function administratorHandlers(options: {
  readonly store: CoordinatorStore;
  readonly perform: Perform;
  readonly clock: Clock;
}): AdminArea<'admin'> {
  const { store, perform, clock } = options;

  return {
    'admin.admin.list': async () =>
      Promise.all((await store.tables.admins.list()).map((one) => view(store.tables, one))),

    async 'admin.admin.add'({ name, role }, actor) {
      const password = newPassword();
      const passwordHash = await hashPassword(password);
      const admin: AdminRecord = {
        name,
        role,
        passwordHash,
        password: 'temporary',
        totp: null,
        created: clock.now(),
        lastSignIn: null
      };
      return perform(actor, async ({ tables, record }) => {
        if ((await tables.admins.list()).length >= limits.administrators)
          throw new LetterlockError('conflict', 'too many administrators');
        if (!(await tables.admins.insert(admin))) throw new LetterlockError('conflict', 'this name is taken');
        record('admin.added', name, { role });
        return { ...(await view(tables, admin)), password };
      });
    },

    'admin.admin.set-role': ({ name, role }, actor) =>
      perform(actor, async (act) => {
        const admin = await administrator(act.tables, name);
        if (admin.role === role) return view(act.tables, admin);
        if (admin.role === 'owner') await endOwnership(act, name);
        await act.tables.admins.update(name, { role });
        act.record('admin.role-set', name, { from: admin.role, to: role });
        return view(act.tables, { ...admin, role });
      }),

    async 'admin.admin.reset'({ name }, actor) {
      const password = newPassword();
      const passwordHash = await hashPassword(password);
      await perform(actor, async ({ tables, record }) => {
        await administrator(tables, name);
        await tables.admins.update(name, { passwordHash, password: 'temporary', totp: null });
        await tables.recoveryCodes.replace(name, []);
        for (const { id } of await tables.passkeys.of(name)) await tables.passkeys.remove(name, id);
        await tables.webSessions.removeOf('admin', name);
        record('admin.reset', name);
      });
      return { password };
    },

    async 'admin.admin.remove'({ name }, actor) {
      await perform(actor, async (act) => {
        const { role } = await administrator(act.tables, name);
        if (role === 'owner') await endOwnership(act, name);
        await act.tables.webSessions.removeOf('admin', name);
        await act.tables.admins.remove(name);
        act.record('admin.removed', name, { role });
      });
      return {};
    }
  };
}

async function administrator({ admins }: Tables, name: string): Promise<AdminRecord> {
  const admin = await admins.get(name);
  if (!admin) throw new LetterlockError('not-found', 'administrator');
  return admin;
}

/** Throws `conflict` for the last one. What an owner leaves behind must not go on in their name: the API tokens they made. */
export async function endOwnership({ tables, record }: Act, name: string): Promise<void> {
  const owners = (await tables.admins.list()).filter(({ role }) => role === 'owner');
  if (owners.length === 1) throw new LetterlockError('conflict', 'the last owner');
  for (const token of await tables.apiTokens.list()) {
    if (token.createdBy !== `admin:${name}`) continue;
    await tables.apiTokens.remove(token.id);
    record('api-token.revoked', token.id, { name: token.name });
  }
}

async function view(
  tables: Tables,
  { name, role, password, totp, created, lastSignIn }: AdminRecord
): Promise<z.infer<typeof AdminAccountView>> {
  return {
    name,
    role,
    created: isoTime(created),
    lastSignIn: lastSignIn === null ? null : isoTime(lastSignIn),
    mustChangePassword: password === 'temporary',
    totp: totp !== null,
    passkeys: (await tables.passkeys.of(name)).length
  };
}

const newPassword = (): string => randomBytes(15).toString('base64url');
