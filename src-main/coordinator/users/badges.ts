import { createHmac, hkdfSync, randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { BadgeId, type BadgeView, type OrganizationId, type UserId } from '../../../src-preload/contract/index.ts';
import { utf8 } from '../../base/bytes.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { badgeText } from '../../protocol/sign-in-text.ts';
import type { Perform } from '../act.ts';
import type { AdminArea } from '../admin/area.ts';
import type { CoordinatorStore } from '../store.ts';
import { requireUser } from './accounts.ts';
import type { BadgeRecord } from './tables.ts';

/**
 * Cards that people carry, by the number that a reader types. Kept as HMAC-SHA-256 under a key that is not in the database:
 * card numbers are short, so a plain hash would give every one of them away.
 */
export interface Badges {
  /** Whose it is. */
  find(number: string): Promise<BadgeRecord | undefined>;
  used(badge: BadgeRecord): Promise<void>;
  /** What wrong tries of it are counted by: says nothing of the number. */
  lockKey(number: string): string;
  of(user: UserId): Promise<z.infer<typeof BadgeView>[]>;
  /** Throws `conflict` when somebody has it already. */
  add(user: UserId, number: string, actor: string): Promise<z.infer<typeof BadgeView>>;
  /** `of`: only if it is theirs. */
  remove(id: BadgeId, actor: string, of?: UserId): Promise<void>;
  readonly handlers: AdminArea<'badge'>;
}

export function openBadges(options: {
  readonly store: CoordinatorStore;
  readonly organization: OrganizationId;
  /** From the key files; only a key derived from it is used. */
  readonly rootKey: Uint8Array;
  readonly perform: Perform;
  readonly clock: Clock;
}): Badges {
  const { store, organization, rootKey, perform, clock } = options;
  const { badges } = store.tables;
  const key = badgeKeyOf(rootKey, organization);
  const hashOf = (number: string) => createHmac('sha256', key).update(badgeText(number)).digest('base64url');

  const self: Omit<Badges, 'handlers'> = {
    find: (number) => badges.byHash(hashOf(number)),
    used: ({ id }) => badges.setLastUsed(id, clock.now()),
    lockKey: (number) => `badge ${hashOf(number)}`,
    of: async (user) => (await badges.of(user)).map(view),

    async add(user, number, actor) {
      const id = BadgeId.parse(randomUUID());
      const badge: BadgeRecord = { id, user, hash: hashOf(number), created: clock.now(), lastUsed: null };
      await perform(actor, async ({ tables, record }) => {
        await requireUser(tables, user);
        if ((await tables.badges.of(user)).length >= limits.badges)
          throw new LetterlockError('conflict', 'too many badges');
        if (!(await tables.badges.insert(badge)))
          throw new LetterlockError('conflict', 'this badge is somebody’s already');
        record('badge.added', badge.id, { user });
      });
      return view(badge);
    },
    async remove(id, actor, of) {
      await perform(actor, async ({ tables, record }) => {
        const badge = await tables.badges.get(id);
        if (!badge || (of !== undefined && badge.user !== of)) throw new LetterlockError('not-found', 'badge');
        await tables.badges.remove(id);
        record('badge.removed', id, { user: badge.user });
      });
    }
  };

  return {
    ...self,
    handlers: {
      'admin.badge.list': ({ user }) => self.of(user),
      'admin.badge.add': ({ user, number }, actor) => self.add(user, number, actor),
      async 'admin.badge.remove'({ id }, actor) {
        await self.remove(id, actor);
        return {};
      }
    }
  };
}

export const badgeKeyOf = (rootKey: Uint8Array, organization: OrganizationId): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', rootKey, utf8(organization), utf8('letterlock/v1/badges'), 32));

const view = ({ id, user, created, lastUsed }: BadgeRecord): z.infer<typeof BadgeView> => ({
  id,
  user,
  created: isoTime(created),
  lastUsed: lastUsed === null ? null : isoTime(lastUsed)
});
