import type { DeviceId, SiteId } from '../../../src-preload/contract/index.ts';

export interface OfflineKeyRecord {
  readonly epoch: number;
  /** Raw X25519, base64url. */
  readonly publicKey: string;
  /** Private half, under a key derived from the custody key; null: destroyed. */
  readonly wrapped: Uint8Array | null;
  readonly created: number;
  /** Since when no new job is escrowed to it. */
  readonly retired: number | null;
  /** Whose stations have it, and whose jobs are escrowed to it. */
  readonly site: SiteId;
}
export interface OfflineKeyTable {
  /** By epoch. */
  list(): Promise<OfflineKeyRecord[]>;
  insert(record: OfflineKeyRecord): Promise<void>;
  retire(epoch: number, at: number): Promise<void>;
  /** The private half, for good. */
  destroy(epoch: number): Promise<void>;
}

/** The newest capsule of each station. What is in it lies nowhere here. */
export interface CapsuleRecord {
  readonly station: DeviceId;
  /** Newest offline key in it. */
  readonly epoch: number;
  readonly issued: number;
  readonly expires: number;
}
export interface CapsuleTable {
  list(): Promise<CapsuleRecord[]>;
  get(station: DeviceId): Promise<CapsuleRecord | undefined>;
  put(record: CapsuleRecord): Promise<void>;
  remove(station: DeviceId): Promise<void>;
}
