import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
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
import type { HoldingReceipt } from '../protocol/device-api.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import type { Commit } from '../protocol/node-api.ts';
import type { Manifest } from '../sealing/manifest.ts';
import { resealFor } from '../sealing/sealed-key.ts';
import { checkContent, readAdmissible } from './admission.ts';
import { openAuditCopies } from './audit-copies.ts';
import { startErasure } from './erasure.ts';
import { createNodeClient } from './node-client.ts';
import { addNodeRoutes } from './node-routes.ts';
import type { Deliver } from './ports.ts';
import { openReplicaStore } from './replica-store.ts';
import { createSerial } from './serial.ts';
import { type FreeSpace, freeSpace } from './staged-blob.ts';
import { openTombstones } from './tombstones.ts';
import { uploadFile } from './upload-file.ts';
import { createUploads } from './uploads.ts';

/**
 * A mesh node: keeps sealed replicas, passes them on, erases them when told, and hands release orders to delivery. It can
 * open none of what it keeps.
 */
export interface MeshNode {
  /** https://host:port */
  readonly url: string;
  heldJobs(): ReadonlySet<JobId>;
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
  readonly clock: Clock;
  readonly logger: Logger;
  readonly freeSpace?: FreeSpace;
}

export async function startNode(options: NodeOptions): Promise<MeshNode> {
  const { dataDir, host, identity, organization, deliver, clock, logger } = options;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const tombstones = await openTombstones(join(dataDir, 'erased.jsonl'), clock);
  const store = await openReplicaStore(dataDir, { isErased: tombstones.has, logger });
  const uploads = createUploads({ store, clock, freeSpace: options.freeSpace ?? freeSpace });
  const peers = createNodeClient({ identity, organization, clock, logger });
  const serially = createSerial<JobId>();
  const auditCopies = await openAuditCopies({ dataDir, identity, organization, logger });

  const erasure = startErasure({
    identity,
    organization,
    tombstones,
    held: store.held,
    destroy: (job) =>
      serially(job, async () => {
        await uploads.discardJob(job);
        await store.destroy(job);
      }),
    clock,
    logger
  });

  const receiptFor = ({ job, sha256, blobSize }: Manifest): Promise<Signed> => {
    const receipt: HoldingReceipt = { job, node: identity.id, sha256, blobSize, at: isoTime(clock.now()) };
    return signStatement('holding', receipt, { id: identity.id, key: identity.signing });
  };

  /** Idempotent: the same job may be committed again, by any device that may. */
  const commit = (job: JobId, caller: DirectoryDevice, body: Commit): Promise<Signed> =>
    serially(job, async () => {
      const manifest = readAdmissible(body, { job, caller, identity, organization, now: clock.now() });
      if (tombstones.has(job)) throw new LetterlockError('conflict', 'erased');
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
      return receiptFor(manifest);
    });

  const reseal = async (job: JobId, to: DirectoryDevice): Promise<Signed> => {
    const replica = await store.replica(job);
    if (!replica) throw new LetterlockError('not-found', 'job');
    const sealedKey = await resealFor({
      sealedKey: replica.sealedKey,
      job,
      from: { id: identity.id, key: identity.sealing },
      to: { id: to.id, sealingPublicKey: decoded(to.sealing) }
    });
    const blob = await replica.openBlob();
    try {
      await uploadFile(blob, peers.upload(to.id, job, ended.signal));
    } finally {
      await blob.close();
    }
    return peers.commit(to.id, job, { manifest: replica.manifest, metadata: replica.metadata, sealedKey });
  };

  const ended = new AbortController();
  const server = createDeviceServer({
    tls: () => deviceTlsServer({ identity }),
    onRenewed: identity.onRenewed,
    isApproved: (peer) => isApproved(peer, organization),
    logger
  });
  addNodeRoutes(server.app, { organization, store, uploads, tombstones, deliver, commit, reseal, clock, logger });
  const offChange = organization.onChange(server.dropUnapproved);
  const { port } = await server.listen({ host, port: options.port });

  return {
    url: `https://${urlHost(host)}:${port}`,
    heldJobs: () => new Set(store.held.keys()),
    async close() {
      offChange();
      ended.abort(new LetterlockError('node-unreachable', 'this node stops'));
      await server.close();
      await uploads.close();
      await erasure.close();
      peers.close();
      await auditCopies.close();
      await tombstones.close();
    }
  };
}

/** Approved now, and with the keys that its certificate names. */
function isApproved(peer: PeerIdentity, organization: Organization): boolean {
  const device = organization.device(peer.device);
  if (!device) return false;
  const keys = { signing: decoded(device.signing), sealing: decoded(device.sealing) };
  return keyDescriptorDigest(keyDescriptor(keys)) === peer.descriptorSha256;
}
