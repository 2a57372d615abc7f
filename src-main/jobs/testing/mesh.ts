import { createHash, type Hash } from 'node:crypto';
import type { DeviceId, JobId } from '../../../src-preload/contract/ids.ts';
import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Sealed } from '../../identity/hpke.ts';
import { type Signed, signStatement } from '../../identity/signed-statement.ts';
import type { GrantBundle } from '../../protocol/device-api.ts';
import type { ReleaseEvent } from '../../protocol/node-api.ts';
import type { NodeCondition } from '../../protocol/node-condition.ts';
import { openManifest } from '../../sealing/manifest.ts';
import { openSealedJob } from '../../sealing/sealed-job.ts';
import { resealFor } from '../../sealing/sealed-key.ts';
import type { BlobUpload, NodeTransport } from '../port.ts';
import { recipientOf } from '../replicas.ts';
import type { TestOrganization } from './organization.ts';

/** How a node misbehaves. */
export interface Faults {
  /** Does not answer at all. */
  dead?: boolean;
  /** Dies when so many bytes of an upload have come. */
  dieAt?: number;
  /** Refuses an upload when so many bytes have come, with this. */
  refuseAt?: { bytes: number; error: LetterlockError };
  /** Says that it got something else. */
  wrongDigest?: boolean;
  /** Signs its receipt for something else. */
  wrongReceipt?: boolean;
  /** Every chunk waits for this. */
  drain?: () => Promise<void>;
  /** Keeps only the length of what comes, not the bytes. */
  forgetful?: boolean;
  /** What it says of itself. */
  condition?: NodeCondition;
  /** What a release says; a LetterlockError is thrown in its place. Default: started, delivered, completed. */
  release?: (ReleaseEvent | LetterlockError | Promise<void>)[];
}

interface Replica {
  readonly blob: Buffer;
  readonly sha256: string;
  readonly blobSize: number;
  readonly manifest: Signed;
  readonly metadata: string;
  readonly sealedKey: Sealed;
}

/** Nodes in memory, with real receipts and real re-sealing, and with faults on demand. */
export function createTestMesh(organization: TestOrganization, clock: Clock) {
  const nodes = new Map(
    organization.nodes.map((machine) => [
      machine.id,
      {
        machine,
        faults: {} as Faults,
        staged: new Map<JobId, { blob: Buffer; sha256: string; blobSize: number }>(),
        /** Broken uploads that came with a range. */
        partial: new Map<JobId, { hash: Hash; chunks: Buffer[]; blobSize: number }>(),
        replicas: new Map<JobId, Replica>(),
        releases: 0,
        /** What it was given for them. */
        bundles: [] as GrantBundle[]
      }
    ])
  );
  const received = new Map<DeviceId, number>();
  const alive = (id: DeviceId) => {
    const node = nodes.get(id);
    if (!node || node.faults.dead || !organization.device(id)) throw new LetterlockError('node-unreachable');
    return node;
  };
  const receiptOf = (id: DeviceId, job: JobId, { sha256, blobSize }: { sha256: string; blobSize: number }) => {
    const { machine, faults } = alive(id);
    const at = isoTime(clock.now());
    const said = { job, node: id, sha256: faults.wrongReceipt ? sha256.toUpperCase() : sha256, blobSize, at };
    return signStatement('holding', said, { id, key: machine.signing });
  };
  const holding = (id: DeviceId, job: JobId): Replica => {
    const replica = alive(id).replicas.get(job);
    if (!replica) throw new LetterlockError('not-found', 'job');
    return replica;
  };

  const transport: NodeTransport = {
    upload(id, { job }, signal, range): BlobUpload {
      const { faults, staged, partial } = alive(id);
      const kept = partial.get(job);
      if (range && range.first !== (kept?.blobSize ?? 0)) throw new LetterlockError('conflict', 'offset');
      const { hash, chunks } = kept ?? { hash: createHash('sha256'), chunks: [] as Buffer[] };
      let blobSize = kept?.blobSize ?? 0;
      const check = () => {
        signal.throwIfAborted();
        alive(id);
        if (faults.dieAt !== undefined && blobSize >= faults.dieAt) faults.dead = true;
        if (faults.dead) throw new LetterlockError('node-unreachable');
        if (faults.refuseAt && blobSize >= faults.refuseAt.bytes) throw faults.refuseAt.error;
      };
      return {
        async write(chunk) {
          check();
          await faults.drain?.();
          // Only now, as a socket would: whoever reuses the memory too early is found out.
          hash.update(chunk);
          if (!faults.forgetful) chunks.push(Buffer.from(chunk));
          blobSize += chunk.length;
          received.set(id, (received.get(id) ?? 0) + chunk.length);
          if (range) partial.set(job, { hash, chunks, blobSize });
          check();
        },
        async end() {
          check();
          const stored = { blob: Buffer.concat(chunks), sha256: hash.digest('base64url'), blobSize };
          staged.set(job, stored);
          partial.delete(job);
          return { sha256: faults.wrongDigest ? stored.sha256.toLowerCase() : stored.sha256, blobSize };
        },
        abort: () => staged.delete(job)
      };
    },
    async offset(id, { job }) {
      const { staged, partial } = alive(id);
      return (staged.get(job) ?? partial.get(job))?.blobSize ?? 0;
    },
    async commit(id, job, { manifest, metadata, sealedKey }) {
      const { staged, replicas } = alive(id);
      const upload = staged.get(job);
      if (!upload && !replicas.has(job)) throw new LetterlockError('not-found', 'upload');
      if (upload) {
        const { sha256 } = openManifest(manifest, organization.client.signing.publicKey);
        if (sha256 !== upload.sha256) throw new LetterlockError('digest-mismatch');
        replicas.set(job, { ...upload, manifest, metadata, sealedKey });
        staged.delete(job);
      }
      return receiptOf(id, job, holding(id, job));
    },
    async info(id, job) {
      const { manifest, metadata } = holding(id, job);
      return { manifest, metadata };
    },
    async reseal(holder, job, to) {
      const replica = holding(holder, job);
      const target = organization.device(to);
      if (!target) throw new LetterlockError('device-not-approved');
      const from = { id: holder, key: alive(holder).machine.sealing };
      const sealedKey = await resealFor({ sealedKey: replica.sealedKey, job, from, to: recipientOf(target) });
      alive(to).replicas.set(job, { ...replica, sealedKey });
      return receiptOf(to, job, replica);
    },
    async probe(id) {
      return Boolean(nodes.get(id) && !nodes.get(id)?.faults.dead);
    },
    tellHolders: async () => {},
    condition: (id) => nodes.get(id)?.faults.condition ?? null,
    heard: (id) => (nodes.get(id)?.faults.condition ? clock.now() : null),
    async *release(id, bundle, signal) {
      const node = alive(id);
      node.releases++;
      node.bundles.push(bundle);
      const script = node.faults.release ?? [
        { type: 'started', bytes: 1, job: '00000000-0000-4000-8000-000000000000' as JobId },
        { type: 'delivered' },
        { type: 'completed' }
      ];
      for (const step of script) {
        signal.throwIfAborted();
        if (step instanceof LetterlockError) throw step;
        if (step instanceof Promise) await step;
        else yield step;
      }
    }
  };

  return {
    transport,
    /** Bytes of blobs that a node was ever sent. */
    received: (id: DeviceId) => received.get(id) ?? 0,
    node(id: DeviceId) {
      const node = nodes.get(id);
      if (!node) throw new TypeError('no such node');
      return node;
    },
    all: () => [...nodes.values()],
    holders: (job: JobId) =>
      [...nodes.values()].filter(({ replicas }) => replicas.has(job)).map(({ machine }) => machine.id),
    /** The document that a holder would print, opened with all three parts. */
    async open(id: DeviceId, job: JobId) {
      const { blob, manifest: signed, metadata, sealedKey } = holding(id, job);
      const manifest = openManifest(signed, organization.client.signing.publicKey);
      const parts = await organization.parts(job);
      const node = { id, key: alive(id).machine.sealing };
      const opened = await openSealedJob({ manifest, sealedKey, node, parts });
      const document: Buffer[] = [];
      for await (const chunk of opened.openBlob(pieces(blob))) document.push(chunk);
      return { document: Buffer.concat(document), metadata: opened.metadata(Buffer.from(metadata, 'base64url')) };
    }
  };
}
export type TestMesh = ReturnType<typeof createTestMesh>;

async function* pieces(blob: Buffer): AsyncGenerator<Buffer> {
  yield blob;
}
