import type { JobId } from '../../src-preload/contract/ids.ts';
import { toBase64url } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import type { Sealed } from '../identity/hpke.ts';
import type { Signed } from '../identity/signed-statement.ts';
import type { DirectoryDevice } from '../protocol/directory.ts';
import type { JobMetadata } from '../sealing/metadata.ts';
import { beginSealedJob, type SealedJobRequest, type SealingJob } from '../sealing/sealed-job.ts';
import type { BlobDigest } from './fan-out.ts';
import type { Outbox } from './outbox.ts';
import { rankNodes, reachableNodes } from './placement.ts';
import type { Pool } from './pool.ts';
import type { JobsOrganization, JobsPorts } from './port.ts';
import { pump } from './pump.ts';
import { type Holding, recipientOf } from './replicas.ts';
import { replicate } from './replicate.ts';
import { sealingFill } from './sealing-fill.ts';

export interface Submission {
  readonly job: JobId;
  /** Milliseconds since the Unix epoch. */
  readonly created: number;
  readonly expires: number;
  readonly metadata: JobMetadata;
  readonly source: AsyncIterable<Uint8Array>;
  /** Bytes of the document sealed so far. */
  onProgress(bytes: number): void;
}

/** A job that is durable: at `holdings`, or in the outbox where there are none. */
export interface Submitted {
  /** Bytes of the document. */
  readonly size: number;
  readonly digest: BlobDigest;
  readonly manifest: Signed;
  /** J, sealed to the coordinator. */
  readonly jobPart: Sealed;
  readonly holdings: readonly Holding[];
}

export type SubmitPorts = JobsPorts & { readonly outbox: Outbox; readonly pool: Pool<Buffer> };

/**
 * Seals a document while it comes in and sends it to the nodes while it is being sealed; with no node in reach it goes,
 * sealed alike, to the outbox. It is never whole in memory, and never on a disk of ours in the clear. What fails leaves
 * nothing behind, so that the operating system's print system, which still has its copy, may try again.
 */
export async function submit(submission: Submission, ports: SubmitPorts, signal: AbortSignal): Promise<Submitted> {
  const { identity, organization } = ports;
  const { job } = submission;
  const { request, coordinator, replicas } = termsOf(submission, ports);

  const sealing = beginSealedJob(request);
  const source = submission.source[Symbol.asyncIterator]();
  try {
    const jobPart = quiet(sealing.sealJobPartFor(recipientOf(coordinator)));
    const nodes = await reachableNodes(rankNodes(job, organization, identity.id), replicas, ports, signal);
    const send = nodes.length > 0 ? sealToNodes : sealToOutbox;
    const { manifest, holdings } = await send({ submission, source, sealing, jobPart, nodes }, ports, signal);
    return { size: sealing.blob.size, digest: digestOf(sealing), manifest, jobPart: await jobPart, holdings };
  } finally {
    sealing.wipe();
    void source.return?.().catch(() => {}); // it may be stuck: not waited for
  }
}

/** Why this machine takes no jobs now, or null. */
export function refusalOf(organization: JobsOrganization, identity: { id: string }): LetterlockError | null {
  const device = organization.directory()?.devices.find(({ id }) => id === identity.id);
  if (!organization.directory()) return new LetterlockError('coordinator-unreachable', 'nothing is known of it yet');
  if (device?.status !== 'approved') return new LetterlockError('device-not-approved');
  return device.owner ? null : new LetterlockError('no-owner');
}

interface Sealing {
  readonly submission: Submission;
  readonly source: AsyncIterator<Uint8Array>;
  readonly sealing: SealingJob;
  readonly jobPart: Promise<Sealed>;
  readonly nodes: readonly DirectoryDevice[];
}

async function sealToNodes({ submission, source, sealing, nodes }: Sealing, ports: SubmitPorts, signal: AbortSignal) {
  const { job, onProgress } = submission;
  const sealedKeys = new Map(nodes.map((node) => [node.id, quiet(sealing.wrapFor(recipientOf(node)))]));
  const { replica, holdings } = await replicate(
    {
      job,
      nodes,
      fill: (stop) => sealingFill(sealing.blob, source, stop),
      finish: async () => ({
        ...(await sealing.finish()),
        job,
        digest: digestOf(sealing),
        sealedKeyFor: (node) => sealedKeys.get(node.id) ?? sealing.wrapFor(node)
      }),
      onProgress: () => onProgress(sealing.blob.size)
    },
    ports,
    signal
  );
  return { manifest: replica.manifest, holdings };
}

async function sealToOutbox(
  { submission, source, sealing, jobPart }: Sealing,
  ports: SubmitPorts,
  signal: AbortSignal
) {
  const { job, onProgress } = submission;
  const { identity, outbox, pool } = ports;
  const blob = await outbox.begin(job);
  try {
    const drain = async (chunk: Uint8Array) => {
      await blob.write(chunk);
      onProgress(sealing.blob.size);
    };
    await pump(sealingFill(sealing.blob, source, signal), drain, pool, signal);
    const { manifest, metadata } = await sealing.finish();
    const sealedKey = await sealing.wrapFor({ id: identity.id, sealingPublicKey: identity.sealing.publicKey });
    signal.throwIfAborted();
    await blob.finish({ v: 1, job, manifest, metadata: toBase64url(metadata), sealedKey, jobPart: await jobPart });
    return { manifest, holdings: [] };
  } catch (error) {
    await blob.abort();
    throw error;
  }
}

/** What the organization lays down for a job that begins now. Throws what `refusalOf` says. */
function termsOf({ job, created, expires, metadata }: Submission, { identity, organization }: JobsPorts) {
  const directory = organization.directory();
  const owner = organization.device(identity.id)?.owner;
  if (!directory || !owner) throw refusalOf(organization, identity) ?? new LetterlockError('no-owner');
  const request: SealedJobRequest = {
    job,
    organization: directory.organization.id,
    site: directory.site,
    owner,
    device: { id: identity.id, signingKey: identity.signing },
    releaseKey: { epoch: directory.releaseKey.epoch, publicKey: decoded(directory.releaseKey.publicKey) },
    created,
    expires,
    custody: 'standard',
    deliveryGrade: directory.policy.deliveryGrade,
    metadata
  };
  return { request, coordinator: directory.coordinator, replicas: directory.policy.replicas };
}

const digestOf = ({ blob }: SealingJob): BlobDigest => ({
  sha256: toBase64url(blob.sha256()),
  blobSize: blob.blobSize
});

/** A promise that is awaited later: should it reject before that, nobody is alarmed. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
