import type { UserId } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Act } from '../act.ts';
import type { JobSteps } from '../job-steps.ts';
import type { UserRecord } from '../store.ts';
import type { Users } from './users.ts';

/**
 * Within an act: ends an account for good, whoever says so (an administrator, the directory, the end of a guest's time). Nothing
 * signs in with it any more, its guests go too, and what waits is canceled and erased. What is on its way to a printer comes to
 * its end; should it not print, it is canceled then (outcomes.ts). Who is only suspended keeps their jobs, and nobody prints them.
 */
export type RemoveUser = (act: Act, user: UserRecord) => Promise<void>;

export function createRemoveUser(options: {
  readonly steps: JobSteps;
  readonly signOut: Users['signOut'];
  readonly clock: Clock;
}): RemoveUser {
  const { steps, signOut, clock } = options;

  async function cancelJobs(act: Act, owner: UserId): Promise<void> {
    for (;;) {
      const open = await act.tables.jobs.openOfOwner(owner, limits.listedJobs);
      const waiting = open.filter(({ state }) => state !== 'printing');
      for (const job of waiting) await steps.take(act, job, { do: 'cancel' });
      if (waiting.length === 0 || open.length < limits.listedJobs) return;
    }
  }

  return async function remove(act, { id, name }) {
    const { tables, record, after } = act;
    for (const guest of await tables.users.guestsOf(id)) await remove(act, guest);
    await tables.userGroups.leaveAll(id);
    for (const badge of await tables.badges.of(id)) await tables.badges.remove(badge.id);
    await tables.invitations.removeOf(id);
    await tables.signInLinks.removeOf(id);
    await tables.confirmedEmails.remove(id);
    await tables.delegates.removeOf(id);
    await tables.webSessions.removeOf('user', id);
    await tables.users.remove(id, clock.now());
    record('user.removed', id, { name });
    after(() => signOut(id));
    await cancelJobs(act, id);
  };
}
