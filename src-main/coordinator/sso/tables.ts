import type { SsoLinkId, SsoSettings } from '../../../src-preload/contract/index.ts';

/** What the database keeps of single sign-on. Times are milliseconds since the epoch. */
export interface SsoProviderRecord {
  readonly settings: SsoSettings;
  /** The client's secret, encrypted; null: a public client. */
  readonly secret: Uint8Array | null;
}
export interface SsoProviderTable {
  get(): Promise<SsoProviderRecord | undefined>;
  set(record: SsoProviderRecord): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Whom the provider means by a subject. It stays when the account is removed, so that whoever was removed here does not come
 * back by signing in there.
 */
export interface SsoLinkRecord {
  readonly id: SsoLinkId;
  readonly kind: 'admin' | 'user';
  readonly issuer: string;
  readonly subject: string;
  /** An administrator's name, a user's id. */
  readonly account: string;
  readonly created: number;
  readonly lastSignIn: number | null;
}
export interface SsoLinkTable {
  get(id: SsoLinkId): Promise<SsoLinkRecord | undefined>;
  of(kind: SsoLinkRecord['kind'], issuer: string, subject: string): Promise<SsoLinkRecord | undefined>;
  /** Newest first. */
  list(limit: number): Promise<SsoLinkRecord[]>;
  /** False when the subject or the account has another link at this issuer. */
  insert(record: SsoLinkRecord): Promise<boolean>;
  setLastSignIn(id: SsoLinkId, now: number): Promise<void>;
  remove(id: SsoLinkId): Promise<void>;
}
