import type { DeviceId, SiteId, UserGroupId, UserId } from '../../src-preload/contract/index.ts';
import { toBase64url } from '../base/bytes.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { decoded } from '../identity/base64url.ts';
import { keyDescriptor, keyDescriptorDigest } from '../identity/key-descriptor.ts';
import type { PeerIdentity } from '../identity/peer-identity.ts';
import { openStatement, Signed, signStatement } from '../identity/signed-statement.ts';
import type { Dropped } from '../protocol/device-api.ts';
import { Directory, type DirectoryDevice, type DirectoryPrinter } from '../protocol/directory.ts';
import { parsedOrNothing } from './audit/records.ts';
import type { Cluster } from './cluster/cluster.ts';
import type { EventStreams } from './event-streams.ts';
import type { CoordinatorIdentity } from './identity.ts';
import { groupsInRules, policyInForce } from './policy/in-force.ts';
import { sitesInDirectory } from './sites/in-directory.ts';
import type { CoordinatorStore, Tables } from './store.ts';

/**
 * The signed directory: built from the database after each change that shows in it, with a version that only grows, and pushed
 * to everybody who is connected. Also the memory in which every request is checked. Of several coordinators the one where the
 * change was made builds and signs it, and the others give out the very same.
 */
export interface DirectoryKeeper {
  signed(): Signed;
  current(): Directory;
  /** Approved devices only. */
  device(id: DeviceId): DirectoryDevice | undefined;
  /** Approved, and with the very keys that its certificate names. */
  isApproved(peer: PeerIdentity): boolean;
  /** To be called after a change is committed; resolves when the new directory counts. Never fails: it tries again. */
  refresh(): Promise<void>;
  /** Called with those that are not approved any more, because another coordinator says so. */
  onDropped(listener: (device: DeviceId) => void): void;
  close(): Promise<void>;
}

export async function openDirectory(options: {
  readonly store: CoordinatorStore;
  readonly identity: CoordinatorIdentity;
  readonly streams: EventStreams;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<DirectoryKeeper> {
  const { store, identity, streams, cluster, clock, logger } = options;
  let approved = new Map<DeviceId, DirectoryDevice>();
  let stopRetry = () => {};

  function approve({ devices }: Pick<Directory, 'devices'>): void {
    const now = devices.filter((device) => device.status === 'approved');
    approved = new Map(now.map((device) => [device.id, device]));
  }

  /** One transaction, so that a newer version never has older content. Who is approved counts as soon as it is read. */
  const build = () =>
    store.transaction(async (tables) => {
      const content = await contentFrom(tables, identity);
      approve(content);
      const version = await tables.organization.nextDirectoryVersion();
      const directory: Directory = { version, issued: isoTime(clock.now()), ...content };
      const signed = await signStatement('directory', directory, { id: identity.id, key: identity.signing });
      if (store.cluster) {
        await tables.signedDirectory.put(version, JSON.stringify(signed));
        await cluster.say({ type: 'directory', version }, tables);
      }
      return { directory, signed };
    });

  /** What another coordinator signed, if that is newer. The database is not believed: the signature must be ours. */
  async function adopt(): Promise<void> {
    const stored = await store.tables.signedDirectory.get();
    if (!stored || stored.version <= state.directory.version) return;
    const signed = Signed.parse(parsedOrNothing(stored.signed));
    const { publicKey } = identity.signing;
    const code = 'storage-damaged' as const;
    const maxBytes = limits.jsonBody;
    const directory = openStatement({ kind: 'directory', signed, publicKey, schema: Directory, maxBytes, code });
    if (directory.version <= state.directory.version) return;
    const before = approved;
    approve(directory);
    state = { directory, signed };
    for (const id of goneSince(before)) for (const listener of droppedListeners) listener(id);
    await tellAll(before);
  }

  const goneSince = (before: ReadonlyMap<DeviceId, unknown>) => [...before.keys()].filter((id) => !approved.has(id));

  /** Whom to refuse from now on comes first: to a thousand machines a whole directory is seconds of work. */
  async function tellAll(before: ReadonlyMap<DeviceId, unknown>): Promise<void> {
    const devices = goneSince(before);
    if (devices.length > 0 && devices.length <= limits.droppedDevices) {
      const dropped: Dropped = { devices, version: state.directory.version };
      const word = await signStatement('dropped', dropped, { id: identity.id, key: identity.signing });
      streams.broadcast({ type: 'dropped', word });
      await new Promise((resolve) => setImmediate(resolve)); // it leaves before a thousand directories are encrypted
    }
    streams.broadcast({ type: 'directory', directory: state.signed, online: streams.online() });
  }

  async function publish() {
    waiting = undefined;
    const before = approved;
    try {
      state = await build();
      await tellAll(before);
    } catch (error) {
      logger.error({ error }, 'the directory could not be published; trying again');
      stopRetry();
      stopRetry = clock.after(retryMs, () => void refresh());
    }
  }
  function refresh() {
    // One after the other, so that versions leave in order; who comes while one waits its turn is served by it.
    waiting ??= publishing = publishing.then(publish);
    return waiting;
  }
  function follow(): void {
    publishing = publishing.then(adopt).catch((error: unknown) => {
      logger.error({ error }, 'the directory of another coordinator could not be read; making one');
      void refresh();
    });
  }
  const droppedListeners: ((device: DeviceId) => void)[] = [];
  let waiting: Promise<void> | undefined;
  let state = await build();
  let publishing = Promise.resolve();
  cluster.on('directory', ({ version }) => {
    if (version > state.directory.version) follow();
  });
  cluster.onHearing(follow);
  // It may have changed something and not come to saying so.
  cluster.onGone(() => void refresh());

  return {
    signed: () => state.signed,
    current: () => state.directory,
    device: (id) => approved.get(id),
    isApproved({ device, organization, descriptorSha256 }) {
      const known = approved.get(device);
      return known !== undefined && organization === identity.organization && descriptorSha256 === digestOf(known);
    },
    refresh,
    onDropped: (listener) => void droppedListeners.push(listener),
    async close() {
      stopRetry();
      await publishing;
    }
  };
}

const retryMs = 5000;

async function contentFrom(
  tables: Tables,
  identity: CoordinatorIdentity
): Promise<Omit<Directory, 'version' | 'issued'>> {
  const organization = await tables.organization.get();
  if (!organization) throw new TypeError('the organization is set up before its directory');
  const names = await tables.devices.ownerNames();
  const { version, settings, rules } = await policyInForce(tables);
  const first = organization.site;
  const elsewhere = (site: SiteId) => (site === first ? {} : { site });
  const groups = await membersOf(tables, groupsInRules({ rules }));
  const devices = await tables.devices.list();
  const suspended = await tables.suspensions.all();
  const printers = (await tables.printers.list()).filter((printer) => printer.status === 'approved');
  const coordinators = (await tables.coordinators.list()).map(({ url }) => url);
  const auditHead = Signed.safeParse(parsedOrNothing((await tables.audit.lastCheckpoint())?.signed ?? ''));
  return {
    ...(auditHead.success ? { auditHead: auditHead.data } : {}),
    organization: { id: organization.id, name: organization.name },
    ...(await sitesInDirectory(tables, { first, offline: settings.offlineHours > 0 })),
    coordinator: {
      id: identity.id,
      signing: toBase64url(identity.signing.publicKey),
      sealing: toBase64url(identity.sealing.publicKey)
    },
    coordinators,
    authorities: identity.tls.authorityPem,
    policy: settings,
    rules: { version, list: [...rules] },
    devices: devices.map(({ id, name, roles, status, signing, sealing, url, cloud, owner, site }) => ({
      id,
      name,
      roles: [...roles],
      status: status === 'approved' && suspended.has(id) ? 'suspended' : status,
      signing,
      sealing,
      url,
      ...(cloud ? { cloud } : {}),
      owner,
      ownerName: owner && (names.get(owner) ?? null),
      ...(owner && groups.has(owner) ? { ownerGroups: groups.get(owner) } : {}),
      ...elsewhere(site)
    })),
    printers: asMuchAsFits(printers).map(
      ({ id, name, location, uri, grade, certificateSha256, capabilities, site }) => ({
        id,
        name,
        location,
        uri,
        grade,
        certificateSha256,
        capabilities,
        ...elsewhere(site)
      })
    )
  };
}

/** Groups by their members. */
async function membersOf({ userGroups }: Tables, groups: Iterable<UserGroupId>): Promise<Map<UserId, UserGroupId[]>> {
  const of = new Map<UserId, UserGroupId[]>();
  for (const group of groups)
    for (const user of await userGroups.members(group)) of.set(user, [...(of.get(user) ?? []), group]);
  return of;
}

/** A directory that got too long for its readers would end all of them: printers beyond the room are listed without their words. */
function asMuchAsFits<Printer extends Pick<DirectoryPrinter, 'capabilities'>>(printers: readonly Printer[]): Printer[] {
  let room: number = limits.directoryCapabilities;
  return printers.map((printer) => {
    const length = printer.capabilities?.length ?? 0;
    if (length > room) return { ...printer, capabilities: null };
    room -= length;
    return printer;
  });
}

const digestOf = ({ signing, sealing }: DirectoryDevice): string =>
  keyDescriptorDigest(keyDescriptor({ signing: decoded(signing), sealing: decoded(sealing) }));
