import type { FileHandle } from 'node:fs/promises';
import type { DeviceId, GrantId, JobId, UserId } from '../../src-preload/contract/ids.ts';
import type { Sealed } from '../identity/hpke.ts';
import type { Signed } from '../identity/signed-statement.ts';
import type { OutgoingJob } from '../protocol/cloud.ts';
import type { GrantBundle } from '../protocol/device-api.ts';
import type { ReleaseEvent, ReplicaInfo, Stored } from '../protocol/node-api.ts';
import type { NodeCondition } from '../protocol/node-condition.ts';
import type { ClaimMessage, ClaimReply, OwnersReplicas } from '../protocol/offline.ts';
import type { RepairMessage, RepairReply } from '../protocol/repair.ts';
import type { ContentRange } from './content-range.ts';

/** What a node holds of one job: all of it sealed. */
export interface Replica {
  readonly job: JobId;
  /** Kind `manifest`; verified when it came, to be verified again by whoever relies on it. */
  readonly manifest: Signed;
  /** Sealed, base64url. */
  readonly metadata: string;
  /** W, sealed to this node. */
  readonly sealedKey: Sealed;
  /** The blob, for reading. Whoever opens it closes it. */
  openBlob(): Promise<FileHandle>;
}

/** Takes and gives back the one claim of a job that stations may release without the coordinator. */
export interface ClaimTaker {
  /** Resolves when a majority of the voters has said yes, durably. Throws `claim-elsewhere`, or why they refuse. */
  take(
    claim: {
      readonly job: JobId;
      readonly bundle: Pick<GrantBundle, 'grant' | 'permit'>;
      readonly manifest: Signed;
      readonly voters: readonly DeviceId[];
    },
    signal: AbortSignal
  ): Promise<void>;
  /** Certainly nothing was printed under this grant and nothing will be. Never rejects; who does not hear it keeps the claim. */
  giveUp(claim: { readonly job: JobId; readonly grant: GrantId; readonly voters: readonly DeviceId[] }): Promise<void>;
}

export interface ReleaseOrder {
  readonly bundle: GrantBundle;
  /** Who asks, as its TLS session says. */
  readonly caller: DeviceId;
  replica(job: JobId): Promise<Replica | undefined>;
  readonly claims: ClaimTaker;
}

/** What the node asks of delivery. */
export interface Deliver {
  /**
   * Checks the grant and prints. Throws a LetterlockError when nothing was begun; after the first event every end is an
   * event too. Goes on whether or not anybody still listens.
   */
  release(order: ReleaseOrder, onEvent: (event: ReleaseEvent) => void): Promise<void>;
}

/** A blob on its way to a node. Any failure rejects what is waiting and everything after it, with the node's own code. */
export interface BlobUpload {
  /** Resolves when the node keeps pace and the chunk's memory may be used again. Never copies it before. */
  write(chunk: Uint8Array): Promise<void>;
  /** After the last write; need not wait for it. Resolves when the node has the blob durably staged. */
  end(): Promise<Stored>;
  /** Gives up; the node forgets what it has of the upload. */
  abort(reason?: unknown): void;
}

/**
 * What the rest of Letterlock asks of the mesh. Throws `node-unreachable`, `device-not-approved`, or the node's own code; `policy-refused`,
 * before anything is dialled, where something of a job would go to a cloud node and the policy does not let it lie there.
 */
export interface NodeTransport {
  /** With a range the upload may be continued after it broke: ask for the offset, then upload the rest. */
  upload(node: DeviceId, job: OutgoingJob, signal: AbortSignal, range?: ContentRange): BlobUpload;
  /** How many bytes the node has durably of this device's upload. */
  offset(node: DeviceId, job: OutgoingJob, signal: AbortSignal): Promise<number>;
  /** The node's `holding` receipt. */
  commit(
    node: DeviceId,
    job: JobId,
    commit: { manifest: Signed; metadata: string; sealedKey: Sealed }
  ): Promise<Signed>;
  info(node: DeviceId, job: JobId): Promise<ReplicaInfo>;
  /** Tells a holder who else holds the job. */
  tellHolders(node: DeviceId, job: JobId, receipts: readonly Signed[]): Promise<void>;
  /** One exchange of protocol/repair.ts. */
  sync(node: DeviceId, message: RepairMessage, signal: AbortSignal): Promise<RepairReply>;
  /** Has `node` give a replica to `to`; the receipt is that of `to`. */
  reseal(node: DeviceId, job: JobId, to: DeviceId): Promise<Signed>;
  /** One exchange of protocol/offline.ts. */
  claim(node: DeviceId, message: ClaimMessage, signal: AbortSignal): Promise<ClaimReply>;
  /** To stations: the jobs of this user that the node holds. */
  replicasOf(node: DeviceId, owner: UserId, signal: AbortSignal): Promise<OwnersReplicas>;
  /** Whether it answers now. */
  probe(node: DeviceId, signal: AbortSignal): Promise<boolean>;
  /** What it said of itself when it last answered a probe; null: nothing. */
  condition(node: DeviceId): NodeCondition | null;
  /** When it did, in milliseconds since the epoch. */
  heard(node: DeviceId): number | null;
  /** Ends after `completed` or `failed`; leaving the loop early does not stop the printing. */
  release(node: DeviceId, bundle: GrantBundle, signal: AbortSignal): AsyncIterable<ReleaseEvent>;
  close(): void;
}
