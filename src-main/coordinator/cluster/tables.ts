import type { DeviceId, UserId } from '../../../src-preload/contract/index.ts';

/** Who is signed in at stations and clients. */
export interface StationSessionTable {
  insert(session: StationSessionRecord): Promise<void>;
  get(tokenHash: string): Promise<StationSessionRecord | undefined>;
  setExpires(tokenHash: string, expires: number): Promise<void>;
  remove(tokenHash: string): Promise<void>;
  /** All of a user, or all at a device; returns them. */
  removeOf(of: { readonly user: UserId } | { readonly device: DeviceId }): Promise<StationSessionRecord[]>;
  /** Those that are over; and of the others the ones that end first, until there is room for one more below `most`. */
  makeRoom(now: number, most: number): Promise<void>;
}
export interface StationSessionRecord {
  /** SHA-256 of the token, base64url. */
  readonly tokenHash: string;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly expires: number;
}

/** Where the coordinators of this organization listen. */
export interface CoordinatorTable {
  /** By address. */
  list(): Promise<CoordinatorRecord[]>;
  /** False when it stands there already, just so. */
  put(record: CoordinatorRecord): Promise<boolean>;
  /** False when it is not there. */
  remove(url: string): Promise<boolean>;
}
export interface CoordinatorRecord {
  /** Of the device API; https://host:port, as are the others. */
  readonly url: string;
  readonly pairingUrl: string;
  readonly webUrl: string;
  readonly since: number;
}

/** The newest directory as one of the coordinators signed it: the others give out the very same. */
export interface SignedDirectoryTable {
  get(): Promise<{ version: number; signed: string } | undefined>;
  put(version: number, signed: string): Promise<void>;
}

/** Wrong tries since the last right one, by a keyed hash of what they are counted for. */
export interface WrongTryTable {
  /** Until when each of those is locked that has wrong tries; 0: not. */
  of(hashes: readonly string[]): Promise<number[]>;
  /** One more; returns how many there are now. */
  add(hash: string, at: number): Promise<number>;
  lock(hash: string, until: number): Promise<void>;
  clear(hashes: readonly string[]): Promise<void>;
  /** Those whose latest is before `before`, and the oldest of more than `most`. Never one that is locked at `now`. */
  forget(which: { readonly now: number; readonly before: number; readonly most: number }): Promise<void>;
}

/** Which coordinator has the next content of a key file on its disk (key-copies.ts), while one is being replaced. */
export interface KeyCopyTable {
  insert(copy: KeyCopyRecord): Promise<void>;
  /** Of all coordinators; returns their addresses. */
  takeAll(name: string, fingerprint: string): Promise<string[]>;
  /** Of one coordinator: these, or all. Returns them. */
  takeOf(url: string, which: { readonly name?: string; readonly fingerprint?: string }): Promise<KeyCopyRecord[]>;
}
export interface KeyCopyRecord {
  readonly url: string;
  readonly name: string;
  readonly fingerprint: string;
}

/** Words to all coordinators over this database, also the one that says them; none where there is only one. */
export interface NoticeTable {
  /** At most limits.notice bytes. Inside a transaction: heard when it is committed, and not if it is not. */
  send(text: string): Promise<void>;
}
