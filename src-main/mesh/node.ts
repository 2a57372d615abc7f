import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { urlHost } from '../base/url-host.ts';
import { decoded } from '../identity/base64url.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { createDeviceServer } from '../identity/device-server.ts';
import { keyDescriptor, keyDescriptorDigest } from '../identity/key-descriptor.ts';
import type { PeerIdentity } from '../identity/peer-identity.ts';
import { type Signed, signStatement } from '../identity/signed-statement.ts';
import { deviceTlsServer } from '../identity/tls.ts';
import type { Organization } from '../organization/organization.ts';
import { mayLieOn, requirePlace } from '../protocol/cloud.ts';
import type { HoldingReceipt } from '../protocol/device-api.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import type { Commit } from '../protocol/node-api.ts';
import type { NodeCondition } from '../protocol/node-condition.ts';
import type { Manifest } from '../sealing/manifest.ts';
import { checkContent, readAdmissible } from './admission.ts';
import { openAuditCopies } from './audit-copies.ts';
import { startClaims } from './claims/claims.ts';
import { addClaimRoutes } from './claims/routes.ts';
import { startErasure } from './erasure.ts';
import type { Leaving } from './leaving/leaving.ts';
import { startNodeLeaving } from './leaving/node-leaving.ts';
import { type Addresses, createAddresses } from './membership/addresses.ts';
import { addGossipRoutes } from './membership/gossip-route.ts';
import type { Membership } from './membership/port.ts';
import { startMembership } from './membership/start-membership.ts';
import { createNodeClient } from './node-client.ts';
import { addNodeRoutes } from './node-routes.ts';
import type { Deliver } from './ports.ts';
import { createCopying } from './repair/copying.ts';
import { createDiskShelf } from './repair/disk-shelf.ts';
import { gatedDelivery } from './repair/gated-delivery.ts';
import { createPace } from './repair/pace.ts';
import type { Repair } from './repair/port.ts';
import { startRepair } from './repair/start.ts';
import { openReplicaStore } from './replica-store.ts';
import { createSerial } from './serial.ts';
import { type FreeSpace, freeSpace } from './staged-blob.ts';
import { openTombstones } from './tombstones.ts';
import { createUploads } from './uploads.ts';

/**
 * A mesh node: keeps sealed replicas, passes them on, erases them when told, and hands release orders to delivery. It can
 * open none of what it keeps.
 */
export interface MeshNode {
  /** https://host:port */
  readonly url: string;
  heldJobs(): ReadonlySet<JobId>;
  readonly membership: Membership;
  /** For whoever finds nodes by other means than the directory. */
  readonly addresses: Pick<Addresses, 'found' | 'lost'>;
  readonly leaving: Leaving;
  close(): Promise<void>;
}

export interface NodeOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  readonly identity: DeviceIdentity;
  readonly organization: Organization;
  readonly deliver: Deliver;
  /** Replicas came or went. */
  readonly onReplicas?: () => void;
  /** Where other nodes may be found besides what the directory says: https://host:port. */
  readonly fixedPeers?: readonly string[] | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly freeSpace?: FreeSpace;
  /** Failure domain: machines of one domain fail together. Default: not known. */
  readonly domain?: string | undefined;
  /** Told when what this machine says of itself has changed. */
  readonly onCondition?: (condition: NodeCondition) => void;
}

export async function startNode(options: NodeOptions): Promise<MeshNode> {
  const { dataDir, host, identity, organization, deliver, clock, logger } = options;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const tombstones = await openTombstones(join(dataDir, 'erased.jsonl'), clock);
  const store = await openReplicaStore(dataDir, { isErased: tombstones.has, logger });
  const uploads = createUploads({ store, clock, freeSpace: options.freeSpace ?? freeSpace });
  const addresses = createAddresses(organization);
  const peers = createNodeClient({ identity, organization, addressOf: addresses.of, clock, logger });
  const membership = await startMembership({
    ...{ identity, organization, addresses, clock, logger },
    fixed: options.fixedPeers
  });
  const serially = createSerial<JobId>();
  const auditCopies = await openAuditCopies({ dataDir, identity, organization, logger });

  const claims = await startClaims({
    ...{ dataDir, identity, organization, isErased: tombstones.has, transport: peers, clock, logger }
  });
  const pace = createPace({ clock });
  let repair: Repair | undefined;

  const destroy = (job: JobId): Promise<void> =>
    serially(job, async () => {
      await uploads.discardJob(job);
      await store.destroy(job);
      options.onReplicas?.();
    });
  const erasure = startErasure({
    identity,
    organization,
    tombstones,
    held: store.held,
    destroy,
    onOrder: (job, order) => repair?.erasing(job, order),
    clock,
    logger
  });

  const receiptFor = ({ job, sha256, blobSize }: Manifest): Promise<Signed> => {
    const receipt: HoldingReceipt = { job, node: identity.id, sha256, blobSize, at: isoTime(clock.now()) };
    return signStatement('holding', receipt, { id: identity.id, key: identity.signing });
  };

  /** Whether what is held here, or anything of it, may be on that node. */
  const mayHold = (node: Pick<DirectoryDevice, 'cloud'>, job: JobId): boolean => {
    const held = store.held.get(job);
    return held !== undefined && mayLieOn(node, organization.directory(), held);
  };
  const requireOwnPlace = (manifest: Manifest): void => {
    const here = organization.device(identity.id);
    if (here) requirePlace(here, organization.directory(), manifest);
  };
  /** Idempotent: the same job may be committed again, by any device that may. */
  const commit = (job: JobId, caller: DirectoryDevice, body: Commit): Promise<Signed> =>
    serially(job, async () => {
      const manifest = readAdmissible(body, { job, caller, identity, organization, now: clock.now() });
      if (tombstones.has(job)) throw new LetterlockError('conflict', 'erased');
      try {
        requireOwnPlace(manifest);
      } catch (error) {
        await uploads.discard(job, caller.id);
        throw error;
      }
      const held = await store.replica(job);
      if (held) {
        await uploads.discard(job, caller.id);
        if (held.manifest.payload !== body.manifest.payload) throw new LetterlockError('conflict', 'another manifest');
        return receiptFor(manifest);
      }
      const upload = uploads.take(job, caller.id);
      if (!upload) throw new LetterlockError('not-found', 'upload');
      try {
        await checkContent(body, manifest, upload.stored, identity);
        await store.admit(upload.folder, job, { ...body, committed: isoTime(clock.now()) });
      } catch (error) {
        await store.unstage(upload.folder);
        throw error;
      }
      erasure.sweep();
      options.onReplicas?.();
      repair?.committed(job, caller.id !== manifest.device);
      return receiptFor(manifest);
    });

  const copy = createCopying({ identity, organization, replica: store.replica, transport: peers, pace, clock });
  const reseal = async (job: JobId, to: DirectoryDevice): Promise<Signed> => {
    if (!repair?.serves(job)) throw new LetterlockError('node-reconciling');
    if (repair.holders(job).length >= limits.holdersPerJob) throw new LetterlockError('conflict', 'enough replicas');
    const receipt = await copy(job, to.id, ended.signal);
    await repair.learn(job, [receipt]);
    return receipt;
  };

  const leaving = await startNodeLeaving({
    dataDir,
    self: identity.id,
    organization,
    held: store.held,
    holders: (job) => repair?.holders(job) ?? [],
    member: (node) => {
      const member = membership.member(node);
      return member && { awake: member.state === 'alive', condition: member.condition };
    },
    mayHold,
    peers,
    reseal,
    freeBytes: () => (options.freeSpace ?? freeSpace)(dataDir),
    domain: options.domain ?? '',
    onCondition: (now) => {
      membership.setCondition(now);
      options.onCondition?.(now);
    },
    clock,
    logger
  });

  const ended = new AbortController();
  const server = createDeviceServer({
    tls: () => deviceTlsServer({ identity }),
    onRenewed: identity.onRenewed,
    isApproved: (peer) => isApproved(peer, organization),
    upgrades: true,
    logger
  });
  repair = await startRepair({
    ...{ app: server.app, identity, organization, membership, transport: peers, copy, mayHold, clock, logger },
    shelf: createDiskShelf({ identity, store, tombstones, erasure, destroy, pace, clock })
  });
  addNodeRoutes(server.app, {
    self: identity.id,
    organization,
    store,
    uploads,
    tombstones,
    leaving,
    mayHold,
    deliver: gatedDelivery(deliver, repair, pace),
    claims,
    commit,
    reseal,
    clock,
    logger
  });
  addClaimRoutes(server.app, { organization, claims, store });
  addGossipRoutes(server.app, { self: identity.id, organization, membership, clock, logger });
  const offChange = organization.onChange(server.dropUnapproved);
  const { port } = await server.listen({ host, port: options.port });

  return {
    url: `https://${urlHost(host)}:${port}`,
    heldJobs: () => new Set(store.held.keys()),
    membership,
    addresses,
    leaving,
    async close() {
      offChange();
      leaving.close();
      ended.abort(new LetterlockError('node-unreachable', 'this node stops'));
      await membership.leave();
      membership.close();
      await server.close();
      await repair.close();
      await uploads.close();
      await erasure.close();
      await claims.close();
      peers.close();
      await auditCopies.close();
      await tombstones.close();
    }
  };
}

/** Approved now, and with the keys that its certificate names. Asked at each message, so their digest is computed once. */
function isApproved(peer: PeerIdentity, organization: Organization): boolean {
  const device = organization.device(peer.device);
  if (!device) return false;
  const digest = digests.get(device) ?? digestOf(device);
  digests.set(device, digest);
  return digest === peer.descriptorSha256;
}

const digests = new WeakMap<DirectoryDevice, string>();
const digestOf = ({ signing, sealing }: DirectoryDevice): string =>
  keyDescriptorDigest(keyDescriptor({ signing: decoded(signing), sealing: decoded(sealing) }));
