import type { DeviceId } from '../../src-preload/contract/index.ts';
import { toBase64url } from '../base/bytes.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { decoded } from '../identity/base64url.ts';
import { keyDescriptor, keyDescriptorDigest } from '../identity/key-descriptor.ts';
import type { PeerIdentity } from '../identity/peer-identity.ts';
import { Signed, signStatement } from '../identity/signed-statement.ts';
import type { Directory, DirectoryDevice, DirectoryPrinter } from '../protocol/directory.ts';
import { parsedOrNothing } from './audit/records.ts';
import type { EventStreams } from './event-streams.ts';
import type { CoordinatorIdentity } from './identity.ts';
import type { ReleaseKeys } from './release-keys.ts';
import type { CoordinatorStore, Tables } from './store.ts';

/**
 * The signed directory: built from the database after each change that shows in it, with a version that only grows, and pushed
 * to everybody who is connected. Also the memory in which every request is checked.
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
  close(): Promise<void>;
}

export async function openDirectory(options: {
  readonly store: CoordinatorStore;
  readonly identity: CoordinatorIdentity;
  readonly releaseKeys: ReleaseKeys;
  readonly streams: EventStreams;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<DirectoryKeeper> {
  const { store, identity, releaseKeys, streams, clock, logger } = options;
  let approved = new Map<DeviceId, DirectoryDevice>();
  let stopRetry = () => {};

  /** Who is approved counts as soon as it is read, whether or not the rest succeeds. */
  async function build() {
    const content = await store.transaction((tables) => contentFrom(tables, identity, releaseKeys));
    const devices = content.devices.filter((device) => device.status === 'approved');
    approved = new Map(devices.map((device) => [device.id, device]));
    const version = await store.tables.organization.nextDirectoryVersion();
    const directory: Directory = { version, issued: isoTime(clock.now()), ...content };
    return {
      directory,
      signed: await signStatement('directory', directory, { id: identity.id, key: identity.signing })
    };
  }
  async function publish() {
    try {
      state = await build();
      streams.broadcast({ type: 'directory', directory: state.signed, online: streams.online() });
    } catch (error) {
      logger.error({ error }, 'the directory could not be published; trying again');
      stopRetry();
      stopRetry = clock.after(retryMs, () => void refresh());
    }
  }
  function refresh() {
    // One after the other, so that versions leave in order.
    publishing = publishing.then(publish);
    return publishing;
  }
  let state = await build();
  let publishing = Promise.resolve();

  return {
    signed: () => state.signed,
    current: () => state.directory,
    device: (id) => approved.get(id),
    isApproved({ device, organization, descriptorSha256 }) {
      const known = approved.get(device);
      return known !== undefined && organization === identity.organization && descriptorSha256 === digestOf(known);
    },
    refresh,
    async close() {
      stopRetry();
      await publishing;
    }
  };
}

const retryMs = 5000;

async function contentFrom(
  tables: Tables,
  identity: CoordinatorIdentity,
  releaseKeys: ReleaseKeys
): Promise<Omit<Directory, 'version' | 'issued'>> {
  const organization = await tables.organization.get();
  if (!organization) throw new TypeError('the organization is set up before its directory');
  const { epoch, publicKey } = await releaseKeys.current(tables);
  const names = new Map((await tables.users.list()).map((user) => [user.id, user.name]));
  const devices = await tables.devices.list();
  const suspended = await tables.suspensions.all();
  const printers = (await tables.printers.list()).filter((printer) => printer.status === 'approved');
  const auditHead = Signed.safeParse(parsedOrNothing((await tables.audit.lastCheckpoint())?.signed ?? ''));
  return {
    ...(auditHead.success ? { auditHead: auditHead.data } : {}),
    organization: { id: organization.id, name: organization.name },
    site: organization.site,
    coordinator: {
      id: identity.id,
      signing: toBase64url(identity.signing.publicKey),
      sealing: toBase64url(identity.sealing.publicKey)
    },
    releaseKey: { epoch, publicKey },
    policy: organization.policy,
    devices: devices.map(({ id, name, roles, status, signing, sealing, url, owner }) => ({
      id,
      name,
      roles: [...roles],
      status: status === 'approved' && suspended.has(id) ? 'suspended' : status,
      signing,
      sealing,
      url,
      owner,
      ownerName: owner && (names.get(owner) ?? null)
    })),
    printers: asMuchAsFits(printers).map(({ id, name, location, uri, grade, certificateSha256, capabilities }) => ({
      id,
      name,
      location,
      uri,
      grade,
      certificateSha256,
      capabilities
    }))
  };
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
