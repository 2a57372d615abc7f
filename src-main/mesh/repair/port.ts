import type { DeviceId, JobId, SiteId } from '../../../src-preload/contract/index.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Signed } from '../../identity/signed-statement.ts';
import type { HoldingReceipt } from '../../protocol/device-api.ts';
import type { DirectoryDevice } from '../../protocol/directory.ts';
import type { RepairMessage, RepairReply, Upkeep } from '../../protocol/repair.ts';
import type { Membership } from '../membership/port.ts';

/** Ports of the repair: the same code runs in a node and, over fakes, in a simulation of hundreds. */

/** A replica that this node has, out of its verified manifest. Times in milliseconds since the epoch. */
export interface HeldReplica {
  /** The device that printed it. */
  readonly device: DeviceId;
  /** Whose mesh keeps it. */
  readonly site: SiteId;
  readonly expires: number;
  readonly sha256: string;
  readonly blobSize: number;
  /** When it came here. */
  readonly committed: number;
  /** How many replicas there are to be, where the printing device says so; else what the policy says now. */
  readonly copies?: number | undefined;
}

/** What this node keeps. */
export interface Shelf {
  readonly held: ReadonlyMap<JobId, HeldReplica>;
  readUpkeep(job: JobId): Promise<Upkeep | null>;
  /** Nothing happens when the job is gone meanwhile. */
  writeUpkeep(job: JobId, upkeep: Upkeep): Promise<void>;
  /** This node's word, signed now, that it holds the job. */
  receipt(job: JobId): Promise<Signed>;
  /** Reads the whole blob, slowly: whether it is what the manifest says. */
  isWhole(job: JobId, signal: AbortSignal): Promise<boolean>;
  bytes(job: JobId, offset: number, length: number): Promise<Uint8Array>;
  /** Erases a replica that may not be here any more, for good, and says so to the coordinator. */
  withdraw(job: JobId): Promise<void>;
  /** Removes a rotten replica. The job may come again. */
  discard(job: JobId): Promise<void>;
  /** The coordinator's order, if the job was erased by one. */
  order(job: JobId): Signed | null;
  /** Obeys an order of the coordinator: erases what is held, for good. Throws `not-allowed` unless the coordinator signed it. */
  obey(order: Signed): Promise<void>;
}

/** Other nodes. Both throw the other side's code, or `node-unreachable`. */
export interface Peers {
  ask(node: DeviceId, message: RepairMessage, signal: AbortSignal): Promise<RepairReply>;
  /** Makes a replica there, at the pace that leaves room for releases; the receipt is that of `to`. */
  copy(job: JobId, to: DeviceId, signal: AbortSignal): Promise<Signed>;
}

export interface Coordinator {
  connected(): boolean;
  onChange(listener: () => void): () => void;
  /** Orders to erase that this node has not confirmed: all, or the first thousand. */
  outstanding(signal: AbortSignal): Promise<readonly Signed[]>;
  /** Says that this node holds a job that another node gave it. Throws `not-found` while it does not know the job. */
  tell(job: JobId, receipt: Signed, signal: AbortSignal): Promise<void>;
}

/** The directory, as far as repair looks into it. */
export interface Policy {
  /** How many replicas of a job there are to be, as far as there are nodes, where its manifest says nothing else. */
  readonly replicas: number;
  readonly offlineGrants: boolean;
  /** Of this node: it heals jobs of this site and no other's. Null while it is not approved. */
  readonly site: SiteId | null;
  /** All approved nodes of this site that listen somewhere. */
  nodes(): readonly DirectoryDevice[];
  /** Whether a job that is held here may lie on that node: on a cloud node only where the organization's policy allows it. */
  mayHold(node: Pick<DirectoryDevice, 'cloud'>, job: JobId): boolean;
  /** Approved ones only, of any site: a node that was moved still holds what it held. */
  device(id: DeviceId): DirectoryDevice | undefined;
}

export interface RepairOptions {
  readonly self: DeviceId;
  readonly shelf: Shelf;
  readonly peers: Peers;
  readonly coordinator: Coordinator;
  readonly membership: Pick<Membership, 'members' | 'member' | 'onChange'>;
  readonly policy: () => Policy;
  /** Verifies with the key that the directory has of the signer. Null: not a receipt of an approved node. */
  readonly openReceipt: (signed: Signed) => HoldingReceipt | null;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
}

export interface Repair {
  /** False until this node knows what was erased while it was away: then it may not release. */
  ready(): boolean;
  /** The same of one job: then it may not pass it on. */
  serves(job: JobId): boolean;
  /** Answers another node. Throws `rate-limited`, `input-invalid`. */
  receive(from: DeviceId, message: unknown): Promise<RepairReply>;
  /** A replica was taken in. `byNode`: another node made it, so that nobody else tells the coordinator. */
  committed(job: JobId, byNode: boolean): void;
  /** Who else holds a job, as somebody says; each receipt is checked. */
  learn(job: JobId, receipts: readonly Signed[]): Promise<void>;
  /** The job is being erased by the coordinator's order: holders that cannot hear that from the coordinator shall hear it. */
  erasing(job: JobId, order: Signed): void;
  /** Who holds a job, as far as is known, this node included. */
  holders(job: JobId): readonly DeviceId[];
  close(): Promise<void>;
}
