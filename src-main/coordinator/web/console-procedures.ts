import { limits } from '../../base/limits.ts';
import type { Changes } from '../changes.ts';
import type { EventStreams } from '../event-streams.ts';
import type { Pairing } from '../pairing/pairing.ts';
import type { CoordinatorStore } from '../store.ts';
import { sessionView } from './session-view.ts';
import { theAdmin, type WebArea } from './web-call.ts';
import type { WebSessions } from './web-sessions.ts';

/** The console's first page in one round trip: who is here, what is still to be set up, how things stand. */
export function consoleProcedures(options: {
  readonly store: CoordinatorStore;
  readonly sessions: WebSessions;
  readonly streams: EventStreams;
  readonly pairing: Pick<Pairing, 'waiting'>;
  readonly changes: Changes;
}): WebArea<'console'> {
  const { store, sessions, streams, pairing, changes } = options;

  return {
    async 'console.start'(_input, call) {
      const who = theAdmin(call);
      const { tables } = store;
      // Before anything is read: what changes meanwhile is then announced, not lost.
      const cursor = changes.cursor();
      const [organization, devices, printers, users, jobs, lastRow, session] = await Promise.all([
        tables.organization.get(),
        tables.devices.list(),
        tables.printers.list(),
        tables.users.list(),
        tables.jobs.list(limits.listedJobs),
        tables.audit.last(),
        sessionView(tables, sessions, who)
      ]);
      const approved = devices.filter(({ status }) => status === 'approved');
      const nodes = approved.filter(({ roles }) => roles.includes('node'));
      const online = (some: typeof devices) => some.filter(({ id }) => streams.isOnline(id)).length;
      const count = <S extends string>(some: readonly { status: S }[], status: S) =>
        some.filter((one) => one.status === status).length;
      const printersApproved = count(printers, 'approved');

      return {
        organization: { id: organization?.id ?? '', name: organization?.name ?? '' },
        session,
        setup: {
          passwordChanged: who.admin.password === 'own',
          secondFactor: who.admin.totp !== null || (await tables.passkeys.of(who.admin.name)).length > 0,
          node: nodes.length > 0,
          printer: printersApproved > 0,
          user: users.length > 0,
          client: approved.some(({ roles }) => roles.includes('client'))
        },
        overview: {
          devices: { approved: approved.length, online: online(approved) },
          nodes: { approved: nodes.length, online: online(nodes) },
          pairingRequests: pairing.waiting().length,
          printers: { approved: printersApproved, pending: count(printers, 'pending') },
          users: { active: count(users, 'active'), suspended: count(users, 'suspended') },
          jobs: tally(jobs.map(({ state }) => state)),
          auditRows: lastRow?.sequence ?? 0
        },
        cursor
      };
    }
  };
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
