import type { BadgeId, InvitationId, UserGroupId, UserId } from '../../../src-preload/contract/index.ts';

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
  /** Who keeps it: an administrator here, or the directory. */
  readonly source: 'local' | 'directory';
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

export interface InvitationRecord {
  readonly id: InvitationId;
  readonly user: UserId;
  /** Becomes the account's when it is accepted. */
  readonly email: string | null;
  /** SHA-256 of the secret, base64url. */
  readonly secretHash: string;
  readonly created: number;
  readonly expires: number;
  /** The address that the link was mailed to, and given to nobody else; null: it was handed over. */
  readonly mailedTo: string | null;
}
/** Open ones only: what was used or withdrawn is gone. */
export interface InvitationTable {
  get(id: InvitationId): Promise<InvitationRecord | undefined>;
  bySecretHash(hash: string): Promise<InvitationRecord | undefined>;
  /** Newest first. */
  list(): Promise<InvitationRecord[]>;
  insert(record: InvitationRecord): Promise<void>;
  setMailedTo(id: InvitationId, address: string): Promise<void>;
  remove(id: InvitationId): Promise<void>;
  removeOf(user: UserId): Promise<void>;
  removeOver(now: number): Promise<void>;
}

export interface DelegateRecord {
  /** Whose jobs. */
  readonly owner: UserId;
  /** Who may release them. */
  readonly user: UserId;
  readonly until: number;
  readonly created: number;
}
/** Also those whose time is over: who asks compares. */
export interface DelegateTable {
  get(owner: UserId, user: UserId): Promise<DelegateRecord | undefined>;
  ofOwner(owner: UserId): Promise<DelegateRecord[]>;
  ofUser(user: UserId): Promise<DelegateRecord[]>;
  /** Once per pair: said again it moves the date. */
  put(record: DelegateRecord): Promise<void>;
  /** False when there was none. */
  remove(owner: UserId, user: UserId): Promise<boolean>;
  /** Whichever side they are on. */
  removeOf(user: UserId): Promise<void>;
}
