import { randomUUID } from 'node:crypto';
import { UserId } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import { nameKey } from '../../protocol/sign-in-text.ts';
import type { Act } from '../act.ts';
import type { Tables, UserRecord } from '../store.ts';

/** What every way of getting an account shares: by hand, from the directory, at the first single sign-on. */
export interface NewUser {
  readonly name: string;
  readonly email?: string | null | undefined;
  readonly externalId?: string | null | undefined;
  readonly pinHash?: string | null | undefined;
  /** Of a guest: until when, and who invited them. */
  readonly guest?: { readonly expires: number; readonly host: UserId } | undefined;
  readonly now: number;
}

/** Within an act. Throws `conflict` when the name or the e-mail address is somebody else's. */
export async function addUser(
  { tables, record }: Act,
  { name, email, externalId = null, pinHash = null, guest, now }: NewUser
): Promise<UserRecord> {
  const user: UserRecord = {
    id: UserId.parse(randomUUID()),
    name: name.normalize('NFC'),
    nameKey: nameKey(name),
    email: email == null ? null : emailKey(email),
    externalId,
    status: 'active',
    pinHash,
    created: now,
    expires: guest?.expires ?? null,
    host: guest?.host ?? null
  };
  if (!(await tables.users.insert(user))) throw new LetterlockError('conflict', 'this name or e-mail address is taken');
  record('user.added', user.id, { name: user.name, pin: pinHash !== null, ...guest });
  return user;
}

/** Within an act. Whoever is suspended is signed out everywhere: `signOut` ends what is open at stations. */
export async function setActive(
  { tables, record, after }: Act,
  { id, status }: UserRecord,
  active: boolean,
  signOut: (id: UserId) => void
): Promise<void> {
  if (active === (status === 'active')) return;
  await tables.users.setStatus(id, active ? 'active' : 'suspended');
  if (!active) await tables.webSessions.removeOf('user', id);
  record(active ? 'user.resumed' : 'user.suspended', id);
  if (!active) after(() => signOut(id));
}

/** The user of this name, for an administrator who assigns machines. Throws `not-found`. */
export async function userByName(tables: Tables, name: string): Promise<UserRecord> {
  const user = await tables.users.byNameKey(nameKey(name));
  if (!user) throw new LetterlockError('not-found', 'user');
  return user;
}

/** Throws `not-found`. */
export async function requireUser(tables: Tables, id: UserId): Promise<UserRecord> {
  const user = await tables.users.get(id);
  if (!user) throw new LetterlockError('not-found', 'user');
  return user;
}

export { nameKey };
/** Addresses that differ in case alone are one person's everywhere that matters. */
export const emailKey = (email: string): string => email.normalize('NFC').trim().toLowerCase();
