import type { StationState } from '../../src-preload/contract/index.ts';
import { isoTime } from '../base/clock.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { type CapsuleKeeper, openCapsuleKeeper } from '../jobs/offline-capsule.ts';
import { openOfflineMemory } from '../jobs/offline-memory.ts';
import { offlineOrganization } from '../jobs/offline-station.ts';
import { createStationSession, type StationSession } from '../jobs/station-session.ts';
import { createNodeClient } from '../mesh/node-client.ts';
import type { Organization } from '../organization/organization.ts';
import { coalesce } from './events.ts';
import { joinOrganization } from './join-organization.ts';
import { openMembership } from './membership.ts';
import type { RoleContext, RunningRole } from './role.ts';
import { connectionView, printerViews } from './views.ts';

interface StationServices {
  readonly organization: Organization;
  readonly session: StationSession;
  /** Until when people may sign in without the coordinator. */
  readonly capsule: CapsuleKeeper;
}

/** A kiosk beside a printer: somebody signs in with a PIN, sees their jobs and releases them. */
export async function startStation(context: RoleContext & { readonly idleSeconds: number }): Promise<RunningRole> {
  const { lifecycle, events } = context;
  const changed = coalesce(() => events.emit('station.state', state()), 100);
  lifecycle.add('state events', changed.cancel);
  const membership = await openMembership<StationServices>({
    ...context,
    roles: ['station'],
    onChange: changed.request,
    start: (identity) => startServices(context, identity, changed.request)
  });

  function state(): StationState {
    const services = membership.services();
    const organization = services?.organization ?? null;
    return {
      ...membership.view(),
      connection: { ...connectionView(organization), ...offlineUntil(services) },
      printers: printerViews(organization),
      session: services?.session.session() ?? null
    };
  }

  return {
    ready: { role: 'station', id: membership.view().device.id },
    handlers: {
      ...membership.handlers,
      'station.state': async () => state(),
      'station.sign-in': async (proof) => {
        const { session } = membership.require();
        await ('badge' in proof
          ? session.signInByBadge(proof.badge, proof.pin)
          : session.signIn(proof.user, proof.pin));
        return state();
      },
      'station.sign-out': async () => {
        await membership.require().session.signOut();
        return {};
      },
      'station.stay': async () => {
        membership.require().session.stay();
        return {};
      },
      'station.release': ({ job, printer, acceptSecondCopy }) =>
        membership.require().session.release(job, printer, acceptSecondCopy),
      'station.ticket': async ({ text }) => ({ job: await membership.require().session.ticket(text) }),
      'station.cancel': async ({ job }) => {
        await membership.require().session.cancel(job);
        return {};
      }
    }
  };
}

async function startServices(
  context: Parameters<typeof startStation>[0],
  identity: DeviceIdentity,
  onChange: () => void
): Promise<StationServices> {
  const { dataDir, clock, logger, lifecycle, idleSeconds } = context;
  const organization = await joinOrganization(context, identity);
  const transport = createNodeClient({ identity, organization, clock, logger });
  lifecycle.add('mesh connections', () => transport.close());
  const ports = { identity, organization, transport, clock, logger };
  const capsule = await openCapsuleKeeper({ ...ports, dataDir });
  lifecycle.add('capsule', () => capsule.close());
  lifecycle.add('capsule events', capsule.onChange(onChange));
  const memory = await openOfflineMemory(dataDir, clock);
  const session = createStationSession({
    ...ports,
    organization: offlineOrganization({ ...ports, capsule, memory }),
    idleSeconds
  });
  lifecycle.add('session', () => session.signOut());
  lifecycle.add('organization events', organization.onChange(onChange));
  lifecycle.add('session events', session.onChange(onChange));
  return { organization, session, capsule };
}

/** Said while the coordinator is away and this station may stand in for it. */
function offlineUntil(services: StationServices | null): { readonly offlineUntil?: string } {
  const until = services?.organization.connected() === false ? services.capsule.until() : null;
  return until === null ? {} : { offlineUntil: isoTime(until) };
}
