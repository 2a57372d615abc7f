import type { AuditForwardId, AuditForwardTarget } from '../../../src-preload/contract/index.ts';
import type { AuditRecord } from '../store.ts';

/** What the audit log asks of the database beyond adding rows. Times are milliseconds since the epoch. */
export interface AuditSearch {
  readonly actor?: string | undefined;
  /** How the action begins. */
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly from?: number | undefined;
  /** Before this time. */
  readonly to?: number | undefined;
}

export interface AuditSearchTable {
  /** Matching rows with `after` < sequence < `before`, in order or newest first. */
  find(
    search: AuditSearch,
    range: {
      readonly after: number;
      readonly before?: number | undefined;
      readonly newest?: boolean;
      readonly limit: number;
    }
  ): Promise<AuditRecord[]>;
  /** Hashes of these rows. */
  hashes(sequences: readonly number[]): Promise<ReadonlyMap<number, string>>;
}

export interface AuditForwardRecord {
  readonly id: AuditForwardId;
  readonly name: string;
  readonly target: AuditForwardTarget;
  /** Key of a webhook's signatures, encrypted. */
  readonly secret: Uint8Array | null;
  readonly created: number;
  /** The last row that the receiver took. */
  readonly sequence: number;
}
export interface AuditForwardTable {
  get(id: AuditForwardId): Promise<AuditForwardRecord | undefined>;
  list(): Promise<AuditForwardRecord[]>;
  insert(record: AuditForwardRecord): Promise<void>;
  remove(id: AuditForwardId): Promise<void>;
  /** Only ever forward. */
  advance(id: AuditForwardId, sequence: number): Promise<void>;
}
