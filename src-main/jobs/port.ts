import type { z } from 'zod';
import type { DeviceId, JobId, UserId } from '../../src-preload/contract/ids.ts';
import type { JobState } from '../../src-preload/contract/views.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Wake } from '../base/retry.ts';
import type { SealingKey, SigningKey } from '../identity/keys.ts';
import type { Signed } from '../identity/signed-statement.ts';
import type { OutgoingJob } from '../protocol/cloud.ts';
import type { ApprovalRequest, GrantBundle } from '../protocol/device-api.ts';
import type { Directory, DirectoryDevice } from '../protocol/directory.ts';
import type { Commit, ReleaseEvent, ReplicaInfo, Stored } from '../protocol/node-api.ts';
import type { NodeCondition } from '../protocol/node-condition.ts';

/** What jobs need of the machine they run on: who it is, and its keys as handles. */
export interface JobsIdentity {
  readonly id: DeviceId;
  readonly signing: SigningKey;
  readonly sealing: SealingKey;
}

/** What the coordinator says of a job that this machine printed. */
export interface JobNews {
  readonly id: JobId;
  readonly state: JobState;
  readonly holders: readonly DeviceId[];
  readonly printer: string | null;
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
}

/** What jobs need of the organization: who is approved, who is awake, and the coordinator's ear. */
export interface JobsOrganization {
  directory(): Directory | null;
  /** Machines that the coordinator sees now. Means nothing while `connected()` is false. */
  online(): ReadonlySet<DeviceId>;
  connected(): boolean;
  /** Approved devices only. */
  device(id: DeviceId): DirectoryDevice | undefined;
  onChange(listener: () => void): () => void;
  onJob(listener: (news: JobNews) => void): () => void;
  /** All releases that wait for a word from this device, at each change. */
  onApprovals(listener: (requests: readonly ApprovalRequest[]) => void): () => void;
  /** The coordinator has ended the sessions of this user here. */
  onSessionEnded(listener: (user: UserId) => void): () => void;
  /** POST to the device API. `coordinator-unreachable`, or the coordinator's own code. */
  call<Schema extends z.ZodType>(
    path: string,
    body: unknown,
    schema: Schema,
    options?: { readonly signal?: AbortSignal; readonly idleSeconds?: number }
  ): Promise<z.infer<Schema>>;
}

/** One blob on its way to one node. What stalls rejects by itself. */
export interface BlobUpload {
  /** Takes a chunk; its memory may be used again when this is true, or when the promise resolves. Rejects once the upload is lost. */
  write(chunk: Uint8Array): boolean | Promise<void>;
  /** Resolves when the node has the blob on its disk, with the digest that the node computed. */
  end(): Promise<Stored>;
  /** Gives up; the node forgets what it got. */
  abort(reason: unknown): void;
}

/**
 * The way to the nodes. Errors are LetterlockErrors: `node-unreachable`, or the node's own code; `policy-refused`, before anything is
 * dialled, where something of a job would go to a cloud node and the policy does not let it lie there.
 */
export interface NodeTransport {
  /** With a range the node keeps what it has when the connection breaks: the rest may follow from its `offset`. */
  upload(
    node: DeviceId,
    job: OutgoingJob,
    signal: AbortSignal,
    range?: { readonly first: number; readonly size: number }
  ): BlobUpload;
  /** How many bytes the node has durably of this device's upload. Whoever asks has given up what was still under way. */
  offset(node: DeviceId, job: OutgoingJob, signal: AbortSignal): Promise<number>;
  commit(node: DeviceId, job: JobId, commit: z.infer<typeof Commit>): Promise<Signed>;
  info(node: DeviceId, job: JobId): Promise<z.infer<typeof ReplicaInfo>>;
  /** Tells a holder who else holds the job. */
  tellHolders(node: DeviceId, job: JobId, receipts: readonly Signed[]): Promise<void>;
  /** Has `holder` give a replica to `to`; the new holder's receipt. */
  reseal(holder: DeviceId, job: JobId, to: DeviceId): Promise<Signed>;
  /** Whether the node answers, as itself. Never rejects. */
  probe(node: DeviceId, signal: AbortSignal): Promise<boolean>;
  /** What it said of itself when it last answered a probe; null: nothing. */
  condition(node: DeviceId): NodeCondition | null;
  /** When it did, in milliseconds since the epoch. */
  heard(node: DeviceId): number | null;
  release(
    node: DeviceId,
    bundle: z.infer<typeof GrantBundle>,
    signal: AbortSignal
  ): AsyncIterable<z.infer<typeof ReleaseEvent>>;
}

/** Everything that jobs are given. */
export interface JobsPorts {
  readonly identity: JobsIdentity;
  readonly organization: JobsOrganization;
  readonly transport: NodeTransport;
  /** Tells when this machine's network changes, where the operating system says so. */
  readonly networkChanged?: Wake;
  readonly clock: Clock;
  readonly logger: Logger;
}
