import type { BadgeId, UserGroupId, UserId } from '../../../src-preload/contract/index.ts';

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

export interface UserGroupRecord {
  readonly id: UserGroupId;
  readonly name: string;
  readonly nameKey: string;
  /** What the directory calls it. */
  readonly externalId: string | null;
  readonly created: number;
}
export interface UserGroupTable {
  get(id: UserGroupId): Promise<UserGroupRecord | undefined>;
  list(): Promise<UserGroupRecord[]>;
  /** False when the name is taken. */
  insert(record: UserGroupRecord): Promise<boolean>;
  update(id: UserGroupId, change: Pick<UserGroupRecord, 'name' | 'nameKey' | 'externalId'>): Promise<boolean>;
  /** With its memberships. */
  remove(id: UserGroupId): Promise<void>;
  members(id: UserGroupId): Promise<UserId[]>;
  ofUser(user: UserId): Promise<UserGroupRecord[]>;
  addMember(id: UserGroupId, user: UserId): Promise<void>;
  removeMember(id: UserGroupId, user: UserId): Promise<void>;
  leaveAll(user: UserId): Promise<void>;
}
