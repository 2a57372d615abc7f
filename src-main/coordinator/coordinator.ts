import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { createPerform } from './act.ts';
import type { AdminHandlers } from './admin/area.ts';
import { createAdminHandlers } from './admin/handlers.ts';
import type { FetchPrinter } from './admin/printers.ts';
import { addDeviceRoutes } from './api/device-routes.ts';
import { createApprovals } from './approvals.ts';
import { startAuditCopies } from './audit/copies.ts';
import { createAuditExport } from './audit/export.ts';
import { openAuditForwarding } from './audit/forward/forwarding.ts';
import { openAuditJournal } from './audit/journal.ts';
import { createAuthorityRollover } from './authority-rollover.ts';
import { createBackup } from './backup/create-backup.ts';
import { createCertificates } from './certificates.ts';
import { createChanges } from './changes.ts';
import { announcing, follow } from './cluster/acts.ts';
import { createCluster } from './cluster/cluster.ts';
import { createKeyCopies } from './cluster/key-copies.ts';
import { createKeySuccession } from './cluster/key-succession.ts';
import { lead } from './cluster/leadership.ts';
import { registerCoordinator } from './cluster/registration.ts';
import { createCustody } from './custody.ts';
import { createDeadlines } from './deadlines.ts';
import { openDirectory } from './directory-keeper.ts';
import { createEventStreams } from './event-streams.ts';
import { createGrants } from './grants.ts';
import { openIdentity } from './identity.ts';
import { createJobEvents } from './job-events.ts';
import { createJobRegistry } from './job-registry.ts';
import { createJobSteps, type JobSteps } from './job-steps.ts';
import { authorityFile, openKeyFiles } from './key-files.ts';
import { openKeyFolder } from './key-folder.ts';
import { createKeyReplacement } from './key-replacement.ts';
import { createKeyRotation } from './key-rotation.ts';
import { createListeners } from './listeners.ts';
import { openMasterKey } from './master-key.ts';
import { createMasterRotation } from './master-rotation.ts';
import { createOfflineKeys } from './offline/keys.ts';
import { startOffline } from './offline/offline.ts';
import { createOutcomes } from './outcomes.ts';
import { createOwnCertificate } from './own-certificate.ts';
import { createEnroll } from './pairing/enroll.ts';
import { addLandingPage } from './pairing/landing-page.ts';
import { createPairing } from './pairing/pairing.ts';
import { addPairingRoutes } from './pairing/pairing-routes.ts';
import { createNoteRefusals } from './policy/enforcement.ts';
import type { Ports } from './ports.ts';
import { createPresence } from './presence.ts';
import { createPrinterCapabilities, type FetchCapabilities } from './printer-capabilities.ts';
import { createReleaseKeys } from './release-keys.ts';
import { createReleaseTickets } from './release-tickets.ts';
import { createSessionJobs } from './session-jobs.ts';
import { adminPasswordFile, adminUser, setUpOrganization } from './setup.ts';
import type { CoordinatorStore } from './store.ts';
import { createPeople } from './users/people.ts';
import { createWeb } from './web/web.ts';

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
  /** The built pages of console and portal; undefined: a plain page. */
  readonly pagesDir?: string | undefined;
  readonly openStore: (file: string) => Promise<CoordinatorStore>;
  readonly fetchPrinter: FetchPrinter;
  readonly fetchCapabilities: FetchCapabilities;
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
    const counting = store.tables.keyFiles;
    const keys = await openKeyFiles({ dataDir, organizationName, create: !existing, now, counting });
    if (existing && existing.id !== keys.ids.organization)
      throw new LetterlockError('conflict', 'the database is of another organization than the keys');
    const identity = await openIdentity({ dataDir, keys, host, now });
    const releaseKeys = createReleaseKeys(openMasterKey(dataDir, keys.master), identity.organization);
    const custody = createCustody(keys.custody);
    const offlineKeys = createOfflineKeys(keys.custody, identity.organization);
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
    const changes = createChanges();
    const cluster = createCluster(store, logger);
    closers.push(cluster.close);
    const perform = createPerform(store, audit, changes, logger, announcing(cluster));
    if (!existing) await setUpOrganization({ dataDir, organizationName, identity, releaseKeys, perform, now });

    const streams = createEventStreams(clock, cluster);
    closers.push(streams.close);
    const directory = await openDirectory({ store, identity, streams, cluster, clock, logger });
    closers.push(directory.close);
    closers.push(startAuditCopies({ audit, changes, streams, directory, clock }).close);
    const forwarding = await openAuditForwarding({
      store,
      organization: identity.organization,
      rootKey: keys.custody,
      changes,
      perform,
      clock,
      logger
    });
    const events = createJobEvents({ store, directory, streams, clock, logger });
    closers.push(events.settled);
    const deadlines = createDeadlines({
      store,
      steps: () => steps,
      removeUser: (act, user) => people.removeUser(act, user),
      streams,
      perform,
      clock,
      logger
    });
    const { rearm } = deadlines;
    const rotation = createKeyRotation({
      store,
      releaseKeys,
      refreshDirectory: directory.refresh,
      perform,
      clock,
      logger
    });
    const { refresh: refreshDirectory } = directory;
    const { fingerprints } = keys;
    const keyFolder = openKeyFolder(dataDir);
    const url = () => `https://${listeners.address().device}`;
    const keyCopies = createKeyCopies({
      ...{ folder: keyFolder, store, cluster, url, fingerprints, logger },
      onReplaced: async (name, content, of) => {
        if (name === authorityFile) await rollover.follow(content, of);
      },
      onOutdated(error) {
        logger.error({ error }, 'this coordinator stops: keys were replaced without it');
        close().catch((problem: unknown) => logger.error({ error: problem }, 'it did not stop well'));
      }
    });
    const { keep } = keyCopies;
    const succession = createKeySuccession({ cluster, store, identity, url, keep, clock, logger });
    const replaceKeyFile = createKeyReplacement({ folder: keyFolder, succession, store, perform });
    const own = createOwnCertificate({ identity, perform, clock, logger });
    closers.push(own.close);
    const rollover = createAuthorityRollover({
      keys: keys.authority,
      fingerprint: fingerprints.get(authorityFile),
      own,
      store,
      refreshDirectory,
      replaceKeyFile,
      clock,
      logger
    });
    const steps: JobSteps = createJobSteps({ store, identity, events, clock, rearm });

    const { id, name } = directory.current().organization;
    const listeners = createListeners({ ...options, identity, isApproved: directory.isApproved });
    const webUrl = () => `https://${listeners.address().web}`;
    const organization = { id, name };
    const rootKey = keys.custody;
    const people = createPeople({
      ...{ store, organization, rootKey, streams, steps, webUrl },
      ...{ perform, clock, logger }
    });
    const { lockout, sessions, badges, users, removeUser, mail, invitations } = people;
    closers.push(mail.close);
    const presence = createPresence({ directory, streams, events, perform });
    const noteRefusals = createNoteRefusals(perform, clock);
    // Whose groups rules speak of stands in the directory.
    changes.onChange(({ changes }) => {
      if (changes.some(({ area }) => area === 'group')) void directory.refresh();
    });
    const registry = createJobRegistry({
      identity,
      custody,
      releaseKeys,
      directory,
      events,
      steps,
      perform,
      noteRefusals,
      clock,
      rearm
    });
    const tickets = createReleaseTickets({ organization: identity.organization, perform, clock });
    const approvals = createApprovals({ streams, cluster, perform, clock });
    closers.push(approvals.close);
    const grants = createGrants({
      store,
      identity,
      custody,
      releaseKeys,
      steps,
      streams,
      approvals,
      perform,
      noteRefusals,
      clock
    });
    const outcomes = createOutcomes({ organization: identity.organization, steps, perform, noteRefusals, clock });
    const sessionJobs = createSessionJobs({ store, custody, directory, clock });
    const capabilities = createPrinterCapabilities({ ...options, store, directory, perform });

    const enroll = createEnroll({
      identity,
      organization: { id, name },
      url,
      refreshDirectory: directory.refresh,
      clock
    });
    const pairing = createPairing({ store, identity, enroll, perform, clock });
    closers.push(pairing.close);
    closers.push(listeners.close);

    const web = createWeb({
      store,
      organization: { id, name },
      rootKey: keys.custody,
      users,
      badges,
      invitations,
      mail,
      webUrl,
      removeUser,
      rearm,
      registry,
      lockout,
      streams,
      pairing,
      changes,
      initialPasswordFile: adminPasswordFile(dataDir),
      pagesDir: options.pagesDir,
      perform,
      clock,
      logger
    });
    closers.push(web.close);
    const handlers = createAdminHandlers({
      dataDir,
      administrators: web.handlers,
      badges,
      invitations,
      removeUser,
      store,
      identity,
      audit,
      auditExport: createAuditExport({ store, identity, clock }),
      backup: createBackup({ dataDir, store, perform, clock }),
      forwarding,
      pairing,
      directory,
      streams,
      presence,
      sessions,
      users,
      registry,
      rotation,
      rollover,
      rotateMaster: createMasterRotation({ organization: id, releaseKeys, store, replaceKeyFile }),
      fetchPrinter,
      capabilities,
      perform,
      clock,
      pairingAddress: () => listeners.address().pairing,
      dropDevice: listeners.device.dropPeer
    });
    addDeviceRoutes(listeners.device.app, {
      directory,
      presence,
      certificates: createCertificates({ identity, perform, clock }),
      registry,
      events,
      grants,
      tickets,
      approvals,
      outcomes,
      users,
      sessions,
      sessionJobs,
      capabilities
    });
    closers.push(
      startOffline({
        ...{
          app: listeners.device.app,
          store,
          identity,
          releaseKeys,
          offlineKeys,
          rootKey: keys.custody,
          directory,
          steps
        },
        ...{ changes, perform, clock, logger }
      }).close
    );
    addPairingRoutes(listeners.pairing.app, {
      ...pairing,
      async reveal(request, nonce) {
        await pairing.reveal(request, nonce);
        changes.publish([{ area: 'pairing', ids: [request] }]);
      }
    });
    streams.onPresence((device) => changes.publish([{ area: 'device', ids: [device] }]));
    await web.addRoutes(listeners.web.app, handlers);
    addLandingPage(listeners.web.app, { organization: name, address: () => listeners.address().pairing });

    const address = await listeners.open();
    directory.onDropped(listeners.device.dropPeer);
    follow({ cluster, changes, events, deadlines, rotation, streams });
    await keyCopies.begin();
    await cluster.start();
    await registerCoordinator({ store, address, perform, refreshDirectory: directory.refresh, clock });
    // From now on nothing counts that is not here; what came to count since the start may not be.
    await keyCopies.follow();
    closers.push(lead(store, [deadlines, rotation, rollover, forwarding]).close);
    own.start();
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
