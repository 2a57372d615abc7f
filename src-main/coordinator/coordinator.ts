import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { urlHost } from '../base/url-host.ts';
import { createDeviceServer } from '../identity/device-server.ts';
import { deviceTlsServer, publicTlsServer } from '../identity/tls.ts';
import { createPerform } from './act.ts';
import type { AdminHandlers } from './admin/area.ts';
import { createAdminHandlers } from './admin/handlers.ts';
import type { FetchPrinter } from './admin/printers.ts';
import { addDeviceRoutes } from './api/device-routes.ts';
import { openAuditJournal } from './audit/journal.ts';
import { createCustody } from './custody.ts';
import { createDeadlines } from './deadlines.ts';
import { openDirectory } from './directory-keeper.ts';
import { createEventStreams } from './event-streams.ts';
import { createGrants } from './grants.ts';
import { openIdentity } from './identity.ts';
import { createJobEvents } from './job-events.ts';
import { createJobRegistry } from './job-registry.ts';
import { createJobSteps, type JobSteps } from './job-steps.ts';
import { openKeyFiles } from './key-files.ts';
import { createLockout } from './lockout.ts';
import { createOutcomes } from './outcomes.ts';
import { createEnroll } from './pairing/enroll.ts';
import { createPairing } from './pairing/pairing.ts';
import { addPairingRoutes } from './pairing/pairing-routes.ts';
import { listening, type Ports, portsToUse, rememberPorts } from './ports.ts';
import { createPresence } from './presence.ts';
import { createReleaseKeys } from './release-keys.ts';
import { createSessionJobs } from './session-jobs.ts';
import { createSessions } from './sessions.ts';
import { adminPasswordFile, adminUser, setUpOrganization } from './setup.ts';
import type { CoordinatorStore } from './store.ts';
import { createUsers, type SignedIn } from './users.ts';
import { createAdminAccounts } from './web/admin-accounts.ts';
import { addWebRoutes } from './web/web-routes.ts';

export interface Coordinator {
  /** https://host:port of the device API (client certificates), of pairing, and of the web listener. */
  readonly deviceUrl: string;
  readonly pairingUrl: string;
  readonly webUrl: string;
  readonly adminUser: string;
  /** Written once, at the first start, mode 0600. */
  readonly adminPasswordFile: string;
  /** Every procedure of an administrator; the transports check who calls and parse what comes in. */
  readonly handlers: AdminHandlers;
  /** Ends every connection, signs the log, closes the database. */
  close(): Promise<void>;
}

/**
 * The brain that never sees a document: wires its parts, starts its three listeners. The first start in an empty `dataDir`
 * sets the organization up. No rule is in this file.
 */
export async function startCoordinator(options: {
  readonly dataDir: string;
  readonly organizationName: string;
  /** Name or address to listen on; it stands in the URLs that devices get. */
  readonly host: string;
  /** 0: any free port at the first start, the same one ever after. */
  readonly ports: Ports;
  readonly openStore: (file: string) => Promise<CoordinatorStore>;
  readonly fetchPrinter: FetchPrinter;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<Coordinator> {
  const { dataDir, organizationName, host, openStore, fetchPrinter, clock, logger } = options;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const store = await openStore(join(dataDir, 'coordinator.db'));
  /** What is open, last opened first closed; also when the start fails half-way. */
  const closers: (() => unknown)[] = [() => store.close()];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };

  try {
    const now = clock.now();
    const existing = await store.tables.organization.get();
    const keys = await openKeyFiles({ dataDir, organizationName, create: !existing, now });
    const identity = await openIdentity({ dataDir, keys, host, now });
    const releaseKeys = createReleaseKeys(keys.master, identity.organization);
    const custody = createCustody(keys.custody);
    const signer = { id: identity.id, key: identity.signing };
    const audit = await openAuditJournal({
      dataDir,
      organization: identity.organization,
      signer,
      store,
      clock,
      logger
    });
    closers.push(audit.close);
    const perform = createPerform(store, audit, logger);
    if (!existing) await setUpOrganization({ dataDir, organizationName, identity, releaseKeys, perform, now });

    const streams = createEventStreams(clock);
    closers.push(streams.close);
    const directory = await openDirectory({ store, identity, releaseKeys, streams, clock, logger });
    closers.push(directory.close);
    const events = createJobEvents({ store, directory, streams, clock, logger });
    closers.push(events.settled);
    const deadlines = createDeadlines({ store, steps: () => steps, streams, perform, clock, logger });
    closers.push(deadlines.close);
    const { rearm } = deadlines;
    const steps: JobSteps = createJobSteps({ store, identity, events, clock, rearm });

    const lockout = createLockout(clock);
    const sessions = createSessions<SignedIn>(clock, limits.sessionSeconds);
    const users = createUsers({ store, sessions, lockout, perform, clock });
    const presence = createPresence({ directory, streams, events, perform });
    const registry = createJobRegistry({
      identity,
      custody,
      releaseKeys,
      directory,
      events,
      steps,
      perform,
      clock,
      rearm
    });
    const grants = createGrants({ identity, custody, releaseKeys, steps, streams, perform, clock });
    const outcomes = createOutcomes({ steps, perform, clock });
    const sessionJobs = createSessionJobs({ store, custody, directory });

    /** Known once the listeners listen; nobody asks before. */
    let address = { device: '', pairing: '', web: '' };
    const { id, name } = directory.current().organization;
    const enroll = createEnroll({
      identity,
      organization: { id, name },
      url: () => `https://${address.device}`,
      refreshDirectory: directory.refresh,
      clock
    });
    const pairing = createPairing({ store, identity, enroll, perform, clock });
    closers.push(pairing.close);

    const deviceServer = createDeviceServer({
      tls: deviceTlsServer({ identity }),
      isApproved: directory.isApproved,
      logger
    });
    /** Whoever floods them runs dry before the device API does. */
    const forStrangers = {
      tls: publicTlsServer({ identity }),
      maxBody: limits.strangerBody,
      maxConnections: limits.strangerConnections,
      logger
    };
    const pairingServer = createDeviceServer(forStrangers);
    const webServer = createDeviceServer(forStrangers);
    closers.push(() => Promise.all([deviceServer, pairingServer, webServer].map((server) => server.close())));

    const handlers = createAdminHandlers({
      store,
      identity,
      audit,
      pairing,
      directory,
      streams,
      sessions,
      users,
      registry,
      releaseKeys,
      fetchPrinter,
      perform,
      clock,
      pairingAddress: () => address.pairing,
      dropDevice: deviceServer.dropPeer
    });
    const accounts = createAdminAccounts({
      store,
      sessions: createSessions<string>(clock, limits.adminSessionSeconds),
      lockout,
      perform
    });
    addDeviceRoutes(deviceServer.app, {
      directory,
      presence,
      registry,
      grants,
      outcomes,
      users,
      sessions,
      sessionJobs
    });
    addPairingRoutes(pairingServer.app, pairing);
    addWebRoutes(webServer.app, { accounts, handlers, logger });

    const wanted = await portsToUse(dataDir, options.ports);
    const ports: Ports = {
      device: await listening(deviceServer, host, wanted.device),
      pairing: await listening(pairingServer, host, wanted.pairing),
      web: await listening(webServer, host, wanted.web)
    };
    await rememberPorts(dataDir, ports);
    const shown = urlHost(host);
    address = {
      device: `${shown}:${ports.device}`,
      pairing: `${shown}:${ports.pairing}`,
      web: `${shown}:${ports.web}`
    };
    deadlines.start();
    logger.info({ organization: id, ...address }, 'coordinator started');

    return {
      deviceUrl: `https://${address.device}`,
      pairingUrl: `https://${address.pairing}`,
      webUrl: `https://${address.web}`,
      adminUser,
      adminPasswordFile: adminPasswordFile(dataDir),
      handlers,
      close
    };
  } catch (error) {
    await close();
    throw error;
  }
}
