import type { BadgeId, UserId } from '../../../src-preload/contract/index.ts';

/** What the database keeps of how people sign in, besides their PIN. Times are milliseconds since the epoch. */
export interface BadgeRecord {
  readonly id: BadgeId;
  readonly user: UserId;
  /** Keyed hash of the number. */
  readonly hash: string;
  readonly created: number;
  readonly lastUsed: number | null;
}
export interface BadgeTable {
  get(id: BadgeId): Promise<BadgeRecord | undefined>;
  byHash(hash: string): Promise<BadgeRecord | undefined>;
  of(user: UserId): Promise<BadgeRecord[]>;
  /** False when it is somebody's already. */
  insert(record: BadgeRecord): Promise<boolean>;
  setLastUsed(id: BadgeId, now: number): Promise<void>;
  remove(id: BadgeId): Promise<void>;
}
