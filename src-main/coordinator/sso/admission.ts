import { randomUUID } from 'node:crypto';
import {
  AdminName,
  type AdminRole,
  adminRoles,
  SsoLinkId,
  type SsoSettings,
  UserId,
  type WebSessionId
} from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Act, Perform } from '../act.ts';
import { endOwnership } from '../admins/accounts.ts';
import type { AdminRecord } from '../admins/tables.ts';
import type { UserRecord } from '../store.ts';
import { addUser, emailKey, nameKey } from '../users/accounts.ts';
import type { Person } from './provider.ts';
import type { SsoLinkRecord } from './tables.ts';

/**
 * Whether somebody whom the provider vouches for has an account here. The subject decides, never a name, and an e-mail address
 * only once and only a verified one. Whoever was suspended or removed here stays out. Each decision is one act, a refusal too.
 */
export interface Admission {
  /** `linkTo`: whose session asked for it. Throws `sign-on-refused`. */
  user(person: Person, settings: SsoSettings, linkTo?: LinkTo): Promise<UserRecord>;
  /** With the role that the groups give now. Throws `sign-on-refused`. */
  admin(person: Person, settings: SsoSettings): Promise<AdminRecord>;
}
export interface LinkTo {
  readonly user: UserId;
  readonly session: WebSessionId;
}

/** Public words: whoever reads them has proved to the provider who they are. */
class Refused extends Error {}
const refuse = (reason: string): never => {
  throw new Refused(reason);
};

export function createAdmission({ perform, clock }: { readonly perform: Perform; readonly clock: Clock }): Admission {
  async function link({ tables, record }: Act, kind: SsoLinkRecord['kind'], person: Person, account: string) {
    const { issuer, subject } = person;
    const id = SsoLinkId.parse(randomUUID());
    const now = clock.now();
    const made = { id, kind, issuer, subject, account, created: now, lastSignIn: now };
    if (!(await tables.ssoLinks.insert(made))) refuse('this account belongs to somebody else of the provider');
    record('sso.linked', id, { kind, account, issuer });
  }

  /** A refusal is written down; what was done before it within the act is not undone, so check first, then do. */
  async function admitted<T>(
    kind: SsoLinkRecord['kind'],
    person: Person,
    run: (act: Act, known: SsoLinkRecord | undefined) => Promise<T>
  ): Promise<T> {
    const result = await perform('sso', async (act) => {
      const known = await act.tables.ssoLinks.of(kind, person.issuer, person.subject);
      try {
        const value = await run(act, known);
        if (known) await act.tables.ssoLinks.setLastSignIn(known.id, clock.now());
        return { value };
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        const action = kind === 'admin' ? 'admin.sign-in-refused' : 'session.refused';
        act.record(action, known?.account ?? `unknown ${kind}`, { method: 'sso', reason: error.message });
        return { reason: error.message };
      }
    });
    if ('reason' in result) throw new LetterlockError('sign-on-refused', result.reason);
    return result.value;
  }

  return {
    user: (person, settings, linkTo) =>
      admitted('user', person, async (act, known) => {
        const { users, webSessions } = act.tables;
        requireDomain(person, settings);
        if (!isIn(person, settings.userGroups)) refuse('none of the groups that may print');

        if (linkTo) {
          const own = await webSessions.of('user', linkTo.user);
          if (!own.some(({ id }) => id === linkTo.session)) refuse('the session that asked for it has ended');
          if (known && known.account !== linkTo.user) refuse('linked to another account');
          const user = active(await users.get(linkTo.user));
          if (!known) await link(act, 'user', person, user.id);
          await webSessions.remove(linkTo.session);
          return user;
        }
        if (known) return active(await users.get(UserId.parse(known.account)));

        const email = person.email === null ? null : emailKey(person.email);
        const owner = email === null ? undefined : await users.byEmail(email);
        if (owner && settings.linkByEmail) {
          active(owner);
          await link(act, 'user', person, owner.id);
          return owner;
        }
        if (!settings.createUsers) refuse('no user of Letterlock');
        const name = person.name ?? email;
        if (name === null || name.length > limits.nameLength) throw new Refused('no name that could be used');
        if ((await users.byNameKey(nameKey(name))) || owner) refuse('another user has this name or e-mail address');
        const user = await addUser(act, { name, email, now: clock.now() });
        await link(act, 'user', person, user.id);
        return user;
      }),

    admin: (person, settings) =>
      admitted('admin', person, async (act, known) => {
        const { admins, webSessions } = act.tables;
        const role = roleOf(person, settings);
        const admin = known && (await admins.get(known.account));
        // An account made under the same name since then is another one.
        if (known && !(admin && admin.created <= known.created)) return refuse('removed here');
        if (admin && !role) await webSessions.removeOf('admin', admin.name);
        if (!role) return refuse('none of the groups that administer');
        requireDomain(person, settings);
        if (admin) return withRole(act, admin, role);

        const name = [person.name, person.email].map((one) => AdminName.safeParse(one).data).find((one) => one);
        if (!name) return refuse('no name that could be used');
        if (await admins.get(name)) refuse('another administrator has this name');
        if ((await admins.list()).length >= limits.administrators) refuse('too many administrators');
        const made: AdminRecord = {
          name,
          role,
          passwordHash: null,
          password: 'own',
          totp: null,
          created: clock.now(),
          lastSignIn: null
        };
        await link(act, 'admin', person, made.name);
        await admins.insert(made);
        act.record('admin.added', made.name, { role, method: 'sso' });
        return made;
      })
  };
}

async function withRole(act: Act, admin: AdminRecord, role: AdminRole): Promise<AdminRecord> {
  if (admin.role === role) return admin;
  if (admin.role === 'owner') await endOwnership(act, admin.name);
  await act.tables.admins.update(admin.name, { role });
  act.record('admin.role-set', admin.name, { from: admin.role, to: role, method: 'sso' });
  return { ...admin, role };
}

function active(user: UserRecord | undefined): UserRecord {
  if (user?.status === 'active') return user;
  return refuse(user ? 'suspended here' : 'removed here');
}

/** Strongest first, as the contract lists them. */
const roleOf = ({ groups }: Person, { adminGroups }: SsoSettings): AdminRole | undefined =>
  adminRoles.find((role) => adminGroups.some((one) => one.role === role && groups.includes(one.group)));

const isIn = ({ groups }: Person, wanted: readonly string[]): boolean =>
  wanted.length === 0 || wanted.some((group) => groups.includes(group));

function requireDomain({ email }: Person, { allowedDomains }: SsoSettings): void {
  const domain = email && emailKey(email).split('@').at(-1);
  if (allowedDomains.length > 0 && !(domain && allowedDomains.includes(domain)))
    refuse('no verified e-mail address of an allowed domain');
}
