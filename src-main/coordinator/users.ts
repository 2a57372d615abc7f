import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { DeviceId, UserId } from '../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Session } from '../protocol/device-api.ts';
import type { Perform } from './act.ts';
import type { Lockout } from './lockout.ts';
import { hashPassword, passwordMatches } from './passwords.ts';
import type { Sessions } from './sessions.ts';
import type { CoordinatorStore, Tables, UserRecord } from './store.ts';

/** People who print: names, PINs (argon2id) and who is signed in where. */
export interface Users {
  add(name: string, pin: string | undefined, actor: string): Promise<UserRecord>;
  setPin(id: UserId, pin: string, actor: string): Promise<void>;
  /** Ends the user's sessions at once. */
  suspend(id: UserId, suspended: boolean, actor: string): Promise<void>;
  /** `pin-wrong` for an unknown name, a wrong PIN, a user without PIN or a suspended one alike; `pin-locked`. */
  signIn(name: string, pin: string, device: DeviceId): Promise<z.infer<typeof Session>>;
}

/** A user at one device: elsewhere the session is worth nothing. */
export interface SignedIn {
  readonly user: UserId;
  readonly device: DeviceId;
}

export function createUsers(options: {
  readonly store: CoordinatorStore;
  readonly sessions: Sessions<SignedIn>;
  readonly lockout: Lockout;
  readonly perform: Perform;
  readonly clock: Clock;
}): Users {
  const { store, sessions, lockout, perform, clock } = options;

  return {
    async add(name, pin, actor) {
      const record: UserRecord = {
        id: randomUUID() as UserId,
        name: name.normalize('NFC'),
        nameKey: nameKey(name),
        status: 'active',
        pinHash: pin === undefined ? null : await hashPassword(pin),
        created: clock.now()
      };
      return perform(actor, async ({ tables, record: note }) => {
        if (!(await tables.users.insert(record))) throw new LetterlockError('conflict', 'this name is taken');
        note('user.added', record.id, { name: record.name, pin: pin !== undefined });
        return record;
      });
    },

    async setPin(id, pin, actor) {
      const pinHash = await hashPassword(pin);
      await perform(actor, async ({ tables, record }) => {
        await requireUser(tables, id);
        await tables.users.setPinHash(id, pinHash);
        record('user.pin-set', id);
      });
      sessions.endWhere(({ user }) => user === id);
    },

    async suspend(id, suspended, actor) {
      await perform(actor, async ({ tables, record }) => {
        await requireUser(tables, id);
        await tables.users.setStatus(id, suspended ? 'suspended' : 'active');
        record(suspended ? 'user.suspended' : 'user.resumed', id);
      });
      if (suspended) sessions.endWhere(({ user }) => user === id);
    },

    async signIn(name, pin, device) {
      const key = nameKey(name);
      const user = await lockout.attempt([`user ${key}`, `device ${device}`], async () => {
        const known = await store.tables.users.byNameKey(key);
        const matches = await passwordMatches(pin, known?.pinHash);
        if (matches && known?.status === 'active') return known;
        await perform(`device:${device}`, async ({ record }) => record('session.refused', known?.id ?? 'unknown user'));
        return null;
      });
      await perform(`user:${user.id}`, async ({ record }) => record('session.started', user.id, { device }));
      const { token, expires } = sessions.open({ user: user.id, device });
      return { session: token, expires: isoTime(expires), user: { id: user.id, name: user.name } };
    }
  };
}

/** The user of this name, for an administrator who assigns machines. Throws `not-found`. */
export async function userByName(tables: Tables, name: string): Promise<UserRecord> {
  const user = await tables.users.byNameKey(nameKey(name));
  if (!user) throw new LetterlockError('not-found', 'user');
  return user;
}

async function requireUser(tables: Tables, id: UserId): Promise<void> {
  if (!(await tables.users.get(id))) throw new LetterlockError('not-found', 'user');
}

/** Names that look the same are the same: composed (NFKC), without case. */
const nameKey = (name: string): string => name.normalize('NFKC').trim().toLowerCase();
