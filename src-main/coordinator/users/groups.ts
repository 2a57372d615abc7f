import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { UserGroupId, type UserGroupView, UserId } from '../../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Act, Perform } from '../act.ts';
import type { AdminArea } from '../admin/area.ts';
import type { CoordinatorStore, Tables } from '../store.ts';
import { nameKey } from './accounts.ts';
import type { UserGroupRecord } from './tables.ts';

/**
 * Groups of people, made here or by the organization's directory. Those of the directory are only read here: what was changed
 * at this end would be changed back at the next synchronization.
 */
export function groupHandlers(options: {
  readonly store: CoordinatorStore;
  readonly perform: Perform;
  readonly clock: Clock;
}): AdminArea<'group'> {
  const { store, perform, clock } = options;
  return {
    'admin.group.list': async () =>
      Promise.all((await store.tables.userGroups.list()).map((group) => view(store.tables, group))),

    async 'admin.group.add'({ name }, actor) {
      const group: UserGroupRecord = {
        id: UserGroupId.parse(randomUUID()),
        name: name.normalize('NFC'),
        nameKey: nameKey(name),
        externalId: null,
        source: 'local',
        created: clock.now()
      };
      await perform(actor, async ({ tables, record }) => {
        if ((await tables.userGroups.list()).length >= limits.userGroups)
          throw new LetterlockError('conflict', 'too many groups');
        if (!(await tables.userGroups.insert(group))) throw new LetterlockError('conflict', 'this name is taken');
        record('group.added', group.id, { name: group.name });
      });
      return view(store.tables, group);
    },

    async 'admin.group.remove'({ id }, actor) {
      await perform(actor, async ({ tables, record }) => {
        const group = await ownGroup(tables, id);
        await tables.userGroups.remove(id);
        record('group.removed', id, { name: group.name });
      });
      return {};
    },

    'admin.group.set-members': ({ id, members }, actor) =>
      perform(actor, async (act) => {
        const group = await ownGroup(act.tables, id);
        await setMembers(act, id, members, () => new LetterlockError('not-found', 'user'));
        return view(act.tables, group);
      })
  };
}

/** The groups that somebody is in now, local ones and the directory's alike. Within an act: its tables. */
export const groupsOf = ({ userGroups }: Pick<Tables, 'userGroups'>, user: UserId): Promise<UserGroupRecord[]> =>
  userGroups.ofUser(user);

/**
 * Within an act: exactly these. Only who is new is looked up, since groups are large and change by a few. `missing`: what to throw
 * for somebody who is not there. Nothing is written down when nothing changes.
 */
export async function setMembers(
  { tables, record }: Act,
  id: UserGroupId,
  members: Iterable<string>,
  missing: () => Error
): Promise<void> {
  const wanted = new Set(members);
  const before = await tables.userGroups.members(id);
  const left = before.filter((user) => !wanted.has(user));
  for (const user of left) await tables.userGroups.removeMember(id, user);
  for (const user of before) wanted.delete(user);
  for (const one of wanted) {
    const user = UserId.safeParse(one).data;
    if (!user || !(await tables.users.get(user))) throw missing();
    await tables.userGroups.addMember(id, user);
  }
  if (left.length + wanted.size > 0) record('group.members-set', id, { added: wanted.size, removed: left.length });
}

/** Throws `not-found`, and `not-allowed` for a group of the directory. */
async function ownGroup({ userGroups }: Tables, id: UserGroupId): Promise<UserGroupRecord> {
  const group = await userGroups.get(id);
  if (!group) throw new LetterlockError('not-found', 'group');
  if (group.source !== 'local') throw new LetterlockError('not-allowed', 'this group is kept by the directory');
  return group;
}

async function view(
  { userGroups }: Tables,
  { id, name, source, created }: UserGroupRecord
): Promise<z.infer<typeof UserGroupView>> {
  return { id, name, source, members: await userGroups.members(id), created: isoTime(created) };
}
