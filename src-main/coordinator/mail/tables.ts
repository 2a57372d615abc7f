import type { MailSettings, UserId } from '../../../src-preload/contract/index.ts';

/** What the database keeps of mails. Times are milliseconds since the epoch. */
export interface MailServerRecord {
  readonly settings: MailSettings;
  /** Encrypted; null: none. */
  readonly password: Uint8Array | null;
}
export interface MailServerTable {
  get(): Promise<MailServerRecord | undefined>;
  set(record: MailServerRecord): Promise<void>;
  remove(): Promise<void>;
}

/** Addresses whose owners have used a link that went there and nowhere else. Worth nothing once the account has another one. */
export interface ConfirmedEmailTable {
  /** Of this user. */
  get(user: UserId): Promise<string | undefined>;
  set(user: UserId, email: string, now: number): Promise<void>;
  remove(user: UserId): Promise<void>;
}

export interface SignInLinkRecord {
  /** SHA-256, base64url: of the link's secret, and of the cookie of the browser that asked. */
  readonly secretHash: string;
  readonly browserHash: string;
  readonly user: UserId;
  /** Where it was mailed to. */
  readonly email: string;
  readonly expires: number;
}
/** Open ones only: what was used is gone. */
export interface SignInLinkTable {
  get(secretHash: string): Promise<SignInLinkRecord | undefined>;
  countOf(user: UserId): Promise<number>;
  insert(record: SignInLinkRecord): Promise<void>;
  removeOf(user: UserId): Promise<void>;
  removeOver(now: number): Promise<void>;
}
