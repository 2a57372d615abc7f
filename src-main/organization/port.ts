import type { z } from 'zod';
import type { DeviceId, UserId } from '../../src-preload/contract/ids.ts';
import type { Signed } from '../identity/signed-statement.ts';
import type { AuditCheckpoint } from '../protocol/audit.ts';
import type { ApprovalRequest, CoordinatorEvent, EraseOrder, MemberReport } from '../protocol/device-api.ts';
import type { Directory, DirectoryDevice } from '../protocol/directory.ts';
import type { NodeCondition } from '../protocol/node-condition.ts';

export type JobEvent = Extract<CoordinatorEvent, { type: 'job' }>;

/** What a machine knows of its organization, and its way to the coordinator. */
export interface Organization {
  /** The last one that was verified; from disk while the coordinator is away. */
  directory(): Directory | null;
  online(): ReadonlySet<DeviceId>;
  connected(): boolean;
  /** When the coordinator last confirmed the directory, milliseconds since the epoch. */
  verifiedAt(): number | null;
  /** Approved devices only; none when this machine was revoked, or has not heard of the coordinator for limits.directoryHours. */
  device(id: DeviceId): DirectoryDevice | undefined;
  onChange(listener: () => void): () => void;
  /** `order` is verified. What came before the first listener is given to it. */
  onErase(listener: (order: EraseOrder, signed: Signed) => void): () => void;
  /** What came before the first listener is given to it. */
  onJob(listener: (event: JobEvent) => void): () => void;
  /** All releases that wait for a word from this device, at each change; none once the coordinator is away. */
  onApprovals(listener: (requests: readonly ApprovalRequest[]) => void): () => void;
  /** The coordinator has ended the sessions of this user here: suspended, or another PIN. */
  onSessionEnded(listener: (user: UserId) => void): () => void;
  /** `checkpoint` is verified. What came last before the first listener is given to it. */
  onAuditCheckpoint(listener: (checkpoint: AuditCheckpoint, signed: Signed) => void): () => void;
  /** POST to the device API. Throws `coordinator-unreachable`, the coordinator's own code, or the signal's reason. */
  call<Schema extends z.ZodType>(
    path: string,
    body: unknown,
    schema: Schema,
    options?: {
      readonly signal?: AbortSignal | undefined;
      /** How long the answer may take, default limits.stalledTransferSeconds. */
      readonly idleSeconds?: number | undefined;
    }
  ): Promise<z.infer<Schema>>;
  /** Where this machine listens, and how it stands and whom it sees: said now and at each reconnect. */
  announce(url: string | null, condition?: NodeCondition, members?: readonly MemberReport[]): void;
  /** Ends every connection. What is under way fails with `coordinator-unreachable`. */
  close(): void;
}
