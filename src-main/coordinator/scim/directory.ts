import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { UserGroupId, UserId } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Act, Perform } from '../act.ts';
import type { CoordinatorStore, Tables, UserRecord } from '../store.ts';
import { addUser, emailKey, nameKey, setActive } from '../users/accounts.ts';
import { groupsOf, setMembers } from '../users/groups.ts';
import type { RemoveUser } from '../users/removal.ts';
import type { UserGroupRecord } from '../users/tables.ts';
import type { Users } from '../users/users.ts';
import { type Filter, matches } from './filter.ts';
import { GroupBody, groupResource, invalid, type Resource, ScimError, UserBody, userResource } from './messages.ts';

/**
 * Users and groups as the organization's directory keeps them: one kind of resource each. Whoever is switched off there is
 * suspended and signed out at once; whoever is deleted there is gone here, and the jobs that still waited are canceled.
 */
export interface ResourceKind {
  readonly path: 'Users' | 'Groups';
  /** What it may be found by, in lower case. */
  readonly attributes: readonly string[];
  list(base: string, filter: Filter | undefined): Promise<Resource[]>;
  get(base: string, id: string): Promise<Resource>;
  create(base: string, body: unknown, actor: string): Promise<Resource>;
  /** `change` gets the resource as it is and gives what it shall be; `expected`: the version that it must have. */
  replace(base: string, id: string, change: Change, actor: string, expected: string | undefined): Promise<Resource>;
  remove(base: string, id: string, actor: string, expected: string | undefined): Promise<void>;
}
export type Change = (resource: Resource) => unknown;

interface Options {
  readonly store: CoordinatorStore;
  readonly users: Pick<Users, 'signOut'>;
  readonly removeUser: RemoveUser;
  readonly perform: Perform;
  readonly clock: Clock;
}

export function userKind({ store, users, removeUser, perform, clock }: Options): ResourceKind {
  const of = async (tables: Tables, id: string): Promise<UserRecord> => {
    const user = UserId.safeParse(id).success ? await tables.users.get(UserId.parse(id)) : undefined;
    if (!user) throw new LetterlockError('not-found', 'user');
    return user;
  };
  const shown = async (base: string, tables: Tables, user: UserRecord) =>
    userResource(
      base,
      user,
      (await groupsOf(tables, user.id)).filter(({ source }) => source === 'directory')
    );
  return {
    path: 'Users',
    attributes: ['id', 'username', 'externalid', 'active'],

    async list(base, filter) {
      const { tables } = store;
      const all = await candidates(tables, filter);
      const found = all.filter((user) => !filter || matches(filter, (name) => attributeOf(user, name)));
      return Promise.all(found.map((user) => shown(base, tables, user)));
    },
    get: async (base, id) => shown(base, store.tables, await of(store.tables, id)),

    async create(base, sent, actor) {
      const { userName, externalId, active, emails } = parse(UserBody, sent);
      return perform(actor, async (act) => {
        const { tables } = act;
        const email = mainEmail(emails);
        if (externalId && (await tables.users.byExternalId(externalId))) throw taken();
        const user = await addUser(act, { name: userName, email, externalId, now: clock.now() }).catch(asTaken);
        await setActive(act, user, active ?? true, users.signOut);
        return shown(base, tables, await of(tables, user.id));
      });
    },

    replace: (base, id, change, actor, expected) =>
      perform(actor, async (act) => {
        const { tables, record } = act;
        const user = await of(tables, id);
        const before = await shown(base, tables, user);
        requireVersion(before, expected);
        const { userName, externalId, active, emails } = parse(UserBody, change(before));
        const email = mainEmail(emails);
        const wanted = {
          name: userName.normalize('NFC'),
          nameKey: nameKey(userName),
          email: email === null ? null : emailKey(email),
          externalId: externalId ?? null
        };
        if (!(await tables.users.rename(user.id, wanted))) throw taken();
        if (wanted.name !== user.name) record('user.renamed', user.id, { from: user.name, to: wanted.name });
        await setActive(act, user, active ?? true, users.signOut);
        return shown(base, tables, await of(tables, id));
      }),

    async remove(base, id, actor, expected) {
      await perform(actor, async (act) => {
        const user = await of(act.tables, id);
        requireVersion(await shown(base, act.tables, user), expected);
        await removeUser(act, user);
      });
    }
  };
}

export function groupKind({ store, perform, clock }: Options): ResourceKind {
  const of = async (tables: Tables, id: string): Promise<UserGroupRecord> => {
    const group = UserGroupId.safeParse(id).success ? await tables.userGroups.get(UserGroupId.parse(id)) : undefined;
    // Groups that were made here are not the directory's to change, or to see.
    if (group?.source !== 'directory') throw new LetterlockError('not-found', 'group');
    return group;
  };
  const shown = async (base: string, { userGroups }: Tables, group: UserGroupRecord) =>
    groupResource(base, group, await userGroups.members(group.id));

  const setTo = (act: Act, { id }: UserGroupRecord, members: GroupBody['members']) =>
    setMembers(
      act,
      id,
      (members ?? []).map(({ value }) => value),
      () => invalid('invalidValue', 'members: no such user')
    );

  return {
    path: 'Groups',
    attributes: ['id', 'displayname', 'externalid'],

    async list(base, filter) {
      const { tables } = store;
      const named: Record<string, keyof UserGroupRecord> = { id: 'id', displayname: 'name', externalid: 'externalId' };
      const found = (await tables.userGroups.list()).filter(
        (group) => group.source === 'directory' && (!filter || matches(filter, (name) => group[named[name] ?? 'id']))
      );
      return Promise.all(found.map((group) => shown(base, tables, group)));
    },
    get: async (base, id) => shown(base, store.tables, await of(store.tables, id)),

    async create(base, sent, actor) {
      const { displayName, externalId, members } = parse(GroupBody, sent);
      const group: UserGroupRecord = {
        id: UserGroupId.parse(randomUUID()),
        name: displayName.normalize('NFC'),
        nameKey: nameKey(displayName),
        externalId: externalId ?? null,
        source: 'directory',
        created: clock.now()
      };
      return perform(actor, async (act) => {
        if (!(await act.tables.userGroups.insert(group))) throw taken();
        act.record('group.added', group.id, { name: group.name });
        await setTo(act, group, members);
        return shown(base, act.tables, group);
      });
    },

    replace: (base, id, change, actor, expected) =>
      perform(actor, async (act) => {
        const { tables, record } = act;
        const group = await of(tables, id);
        const before = await shown(base, tables, group);
        requireVersion(before, expected);
        const { displayName, externalId, members } = parse(GroupBody, change(before));
        const name = displayName.normalize('NFC');
        const wanted = { name, nameKey: nameKey(name), externalId: externalId ?? null };
        if (!(await tables.userGroups.update(group.id, wanted))) throw taken();
        if (name !== group.name) record('group.renamed', group.id, { from: group.name, to: name });
        await setTo(act, group, members);
        return shown(base, tables, await of(tables, id));
      }),

    async remove(base, id, actor, expected) {
      await perform(actor, async ({ tables, record }) => {
        const group = await of(tables, id);
        requireVersion(await shown(base, tables, group), expected);
        await tables.userGroups.remove(group.id);
        record('group.removed', group.id, { name: group.name });
      });
    }
  };
}

/** What directories ask for all day is looked up, not searched for. */
async function candidates({ users }: Tables, filter: Filter | undefined): Promise<UserRecord[]> {
  if (filter?.op !== 'eq' || typeof filter.value !== 'string') return users.list();
  const { attribute, value } = filter;
  if (attribute === 'username') return listOf(await users.byNameKey(nameKey(value)));
  if (attribute === 'externalid') return listOf(await users.byExternalId(value));
  return users.list();
}
const listOf = (user: UserRecord | undefined): UserRecord[] => (user ? [user] : []);

function attributeOf(user: UserRecord, attribute: string): unknown {
  if (attribute === 'username') return user.name;
  if (attribute === 'externalid') return user.externalId;
  return attribute === 'active' ? user.status === 'active' : user.id;
}

const mainEmail = (emails: UserBody['emails']): string | null =>
  (emails?.find(({ primary }) => primary) ?? emails?.[0])?.value ?? null;

function requireVersion({ meta }: Resource, expected: string | undefined): void {
  if (expected !== undefined && expected !== '*' && !expected.split(',').some((one) => one.trim() === meta.version))
    throw new ScimError(412, undefined, 'another version');
}

export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid('invalidValue', result.error.issues[0]?.path.join('.') || 'body');
}

const taken = () => new ScimError(409, 'uniqueness', 'the name, the e-mail address or the external id is taken');
const asTaken = (error: unknown): never => {
  throw error instanceof LetterlockError && error.code === 'conflict' ? taken() : error;
};
