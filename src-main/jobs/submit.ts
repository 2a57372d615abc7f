import type { DeviceId, JobId, UserId } from '../../src-preload/contract/ids.ts';
import type { SiteId } from '../../src-preload/contract/site-views.ts';
import type { Custody } from '../../src-preload/contract/views.ts';
import { toBase64url } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import type { Sealed } from '../identity/hpke.ts';
import type { Signed } from '../identity/signed-statement.ts';
import { cloudAllowed, type OutgoingJob } from '../protocol/cloud.ts';
import { ownDecisions, ownRefusal, writeQuorum } from '../protocol/own-policy.ts';
import { PolicyRefused } from '../protocol/policy.ts';
import { keysOf, siteOfDevice } from '../protocol/sites.ts';
import { beginSealedJob, type SealedJobRequest, type SealingJob } from '../sealing/sealed-job.ts';
import type { DocumentSequence } from './document-sequence.ts';
import type { BlobDigest } from './fan-out.ts';
import type { Outbox, OutboxEntry } from './outbox.ts';
import { sendFromOutbox } from './outbox-courier.ts';
import { type Chosen, chooseNodes } from './placement.ts';
import type { Pool } from './pool.ts';
import type { JobsOrganization, JobsPorts } from './port.ts';
import { pump } from './pump.ts';
import { type PlacedHoldings, recipientOf } from './replicas.ts';
import { replicate } from './replicate.ts';
import { sealingFill } from './sealing-fill.ts';
import { votersOf } from './voters.ts';

export interface Submission {
  readonly job: JobId;
  /** Milliseconds since the Unix epoch. */
  readonly created: number;
  readonly expires: number;
  readonly owner: UserId;
  /** Closed by whoever opened them. */
  readonly documents: DocumentSequence;
  /** Whether it may wait on this machine for a node. */
  readonly mayWait: boolean;
  /** Bytes of the documents sealed so far. */
  onProgress(bytes: number): void;
}

/** A job that is durable: at `holdings`, or in the outbox where there are none. Fewer than `quorum`: nodes fell away meanwhile. */
export interface Submitted extends PlacedHoldings {
  /** Bytes of the documents. */
  readonly size: number;
  readonly digest: BlobDigest;
  readonly manifest: Signed;
  readonly custody: Custody;
  readonly site: SiteId;
  /** Replicas that a rule of the policy wants; null: as many as its settings say. */
  readonly copies: number | null;
  readonly quorum: number;
  /** J, sealed to who keeps it: the coordinator, or in strict custody this device. */
  readonly jobPart: Sealed;
}

export type SubmitPorts = JobsPorts & { readonly outbox: Outbox; readonly pool: Pool<Buffer> };

/**
 * Seals documents while they come in and sends them to the nodes while they are being sealed; with fewer nodes in reach than the
 * write quorum they go, sealed alike, to the outbox. So do documents that come one by one: nobody knows when the next one comes,
 * and a node gives an upload up that stalls. They are never whole in memory, and never on a disk of ours in the clear. What fails
 * leaves nothing behind, so that the operating system's print system, which still has its copy, may try again.
 */
export async function submit(submission: Submission, ports: SubmitPorts, signal: AbortSignal): Promise<Submitted> {
  const { job, documents, mayWait } = submission;
  const { request, custodian, copies, quorum } = termsOf(submission, ports);

  const sealing = beginSealedJob(request);
  try {
    const jobPart = quiet(sealing.sealJobPartFor(custodian));
    const origin = { job, device: request.device.id, owner: request.owner, site: request.site };
    const cloudNodes = cloudAllowed(ports.organization.directory(), origin);
    const { site } = request;
    const wanted = { copies, bytes: 0, site, cloudNodes };
    const chosen = documents.unfinished ? nowhere : await chooseNodes(job, wanted, ports, signal);
    const { nodes } = chosen;
    const enough = nodes.length >= quorum;
    if (!enough && !documents.unfinished && !mayWait)
      throw new LetterlockError('node-unreachable', onlyOutside(chosen));
    const voters = votersOf(job, { copies, site, cloudNodes, chosen: nodes }, ports);
    const send = enough ? sealToNodes : mayWait ? sealToOutbox : sealOverOutbox;
    const sent = await send({ submission, origin, sealing, jobPart, chosen, voters, quorum }, ports, signal);
    const { manifest, holdings, why } = sent;
    const { size } = sealing.blob;
    const { custody } = request;
    const terms = { custody, site, copies: request.copies ?? null, quorum };
    return { size, digest: digestOf(sealing), manifest, ...terms, jobPart: await jobPart, holdings, why };
  } finally {
    sealing.wipe();
  }
}

/** Why this machine takes no jobs now, or null. `guest`: jobs of somebody who is signed in, not of its own user. */
export function refusalOf(
  organization: JobsOrganization,
  identity: { id: DeviceId },
  { guest }: { guest: boolean }
): LetterlockError | null {
  const directory = organization.directory();
  if (!directory) return new LetterlockError('coordinator-unreachable', 'nothing is known of it yet');
  const device = directory.devices.find(({ id }) => id === identity.id);
  if (device?.status !== 'approved') return new LetterlockError('device-not-approved');
  // Strict custody is the owner's own device's: there is none to approve what is printed where others sign in.
  const { custody } = ownDecisions(directory, identity.id, null);
  if (guest && custody.value === 'strict') return new PolicyRefused('custody', custody);
  if (guest) return organization.connected() ? null : new LetterlockError('coordinator-unreachable');
  return device.owner ? ownRefusal(directory, identity.id) : new LetterlockError('no-owner');
}

interface Sealing {
  readonly submission: Submission;
  readonly origin: OutgoingJob;
  readonly sealing: SealingJob;
  readonly jobPart: Promise<Sealed>;
  readonly chosen: Chosen;
  readonly voters: readonly DeviceId[];
  readonly quorum: number;
}

type Sent = Pick<Submitted, 'manifest' | keyof PlacedHoldings>;
const nowhere: Chosen = { nodes: [], why: [] };

/** Said to whoever cannot wait. */
const onlyOutside = ({ nodes, why }: Chosen): string | undefined =>
  nodes.length === 0 && why.some(({ reason }) => reason === 'outside') ? 'cloud nodes may not have it' : undefined;

async function sealToNodes(
  { submission, origin, sealing, voters, chosen: { nodes, why } }: Sealing,
  ports: SubmitPorts,
  signal: AbortSignal
): Promise<Sent> {
  const { job, documents, onProgress } = submission;
  const sealedKeys = new Map(nodes.map((node) => [node.id, quiet(sealing.wrapFor(recipientOf(node)))]));
  const { replica, holdings } = await replicate(
    {
      origin,
      nodes,
      fill: (stop) => sealingFill(sealing.blob, documents.bytes, stop),
      finish: async () => ({
        ...(await sealing.finish(documents.metadata(), voters)),
        job,
        digest: digestOf(sealing),
        sealedKeyFor: (node) => sealedKeys.get(node.id) ?? sealing.wrapFor(node)
      }),
      onProgress: () => onProgress(sealing.blob.size)
    },
    ports,
    signal
  );
  return { manifest: replica.manifest, holdings, why };
}

async function sealToOutbox(
  { submission, sealing, jobPart, voters, chosen: { why } }: Sealing,
  ports: SubmitPorts,
  signal: AbortSignal
): Promise<Sent & { readonly entry: OutboxEntry }> {
  const { job, documents, onProgress } = submission;
  const { identity, outbox, pool } = ports;
  const blob = await outbox.begin(job);
  try {
    const drain = async (chunk: Uint8Array) => {
      await blob.write(chunk);
      onProgress(sealing.blob.size);
    };
    await pump(sealingFill(sealing.blob, documents.bytes, signal), drain, pool, signal);
    const { manifest, metadata } = await sealing.finish(documents.metadata(), voters);
    const sealedKey = await sealing.wrapFor({ id: identity.id, sealingPublicKey: identity.sealing.publicKey });
    signal.throwIfAborted();
    const entry: OutboxEntry = {
      v: 1,
      job,
      manifest,
      metadata: toBase64url(metadata),
      sealedKey,
      jobPart: await jobPart
    };
    await blob.finish(entry);
    return { manifest, holdings: [], why, entry };
  } catch (error) {
    await blob.abort();
    throw error;
  }
}

/** What may not wait here is only collected here: it goes on at once or not at all. */
async function sealOverOutbox(sealing: Sealing, ports: SubmitPorts, signal: AbortSignal): Promise<Sent> {
  const { manifest, entry } = await sealToOutbox(sealing, ports, signal);
  try {
    const sending = { holders: [], least: sealing.quorum, onProgress: () => {} };
    const sent = await sendFromOutbox(entry, sending, ports, signal);
    if (sent === 'no-node') throw new LetterlockError('node-unreachable');
    if (sent === 'damaged') throw new LetterlockError('storage-damaged', 'outbox');
    return { manifest, ...sent };
  } finally {
    await ports.outbox.remove(entry.job);
  }
}

/** What the organization lays down for a job that begins now: it is of the site where this machine is. */
function termsOf({ job, owner, created, expires }: Submission, { identity, organization }: JobsPorts) {
  const directory = organization.directory();
  if (!directory) throw new LetterlockError('coordinator-unreachable', 'nothing is known of it yet');
  const site = siteOfDevice(directory, identity.id);
  const keys = keysOf(directory, site);
  if (!keys) throw new LetterlockError('coordinator-unreachable', 'the keys of this site are not known');
  const { releaseKey, offlineKey } = keys;
  const decisions = ownDecisions(directory, identity.id, owner);
  const { custody, deliveryGrade, replicas } = decisions;
  const request: SealedJobRequest = {
    job,
    organization: directory.organization.id,
    site,
    owner,
    device: { id: identity.id, signingKey: identity.signing },
    releaseKey: { epoch: releaseKey.epoch, publicKey: decoded(releaseKey.publicKey) },
    created,
    expires,
    custody: custody.value,
    deliveryGrade: deliveryGrade.value,
    // What the settings say is not repeated: who changes them changes it for all jobs that wait.
    copies: replicas.rule === 'settings' ? undefined : replicas.value,
    offlineKey: offlineKey && { epoch: offlineKey.epoch, publicKey: decoded(offlineKey.publicKey) }
  };
  const self = { id: identity.id, sealingPublicKey: identity.sealing.publicKey };
  const custodian = request.custody === 'strict' ? self : recipientOf(directory.coordinator);
  return { request, custodian, copies: replicas.value, quorum: writeQuorum(decisions) };
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
