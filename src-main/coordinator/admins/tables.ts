import type { AdminRole, ApiTokenId, WebSessionId } from '../../../src-preload/contract/index.ts';

/**
 * What the database keeps of administrators, sign-ins in browsers and API tokens. Part of the coordinator's store; times are
 * milliseconds since the epoch. Nothing here opens anything: secrets are hashed, or encrypted under a key that is elsewhere.
 */
export interface AdminRecord {
  readonly name: string;
  readonly role: AdminRole;
  /** PHC string; null: cannot sign in with a password. */
  readonly passwordHash: string | null;
  /** `initial`: the one of the first start. `temporary`: given by another administrator. */
  readonly password: 'initial' | 'temporary' | 'own';
  /** The TOTP secret, encrypted; null: none was confirmed. */
  readonly totp: Uint8Array | null;
  readonly created: number;
  readonly lastSignIn: number | null;
}
export interface AdminTable {
  get(name: string): Promise<AdminRecord | undefined>;
  list(): Promise<AdminRecord[]>;
  /** False when the name is taken. */
  insert(record: AdminRecord): Promise<boolean>;
  update(name: string, change: Partial<Omit<AdminRecord, 'name' | 'created'>>): Promise<void>;
  /** Accepts a time step of the TOTP secret once, and none before it: false when this or a later one was used. */
  takeTotpStep(name: string, step: number): Promise<boolean>;
  /** With passkeys and recovery codes. */
  remove(name: string): Promise<void>;
}

export interface RecoveryCodeTable {
  /** All that there were are gone. */
  replace(admin: string, hashes: readonly string[]): Promise<void>;
  /** Each works once: false when there is none like it. */
  use(admin: string, hash: string): Promise<boolean>;
  count(admin: string): Promise<number>;
}

export interface PasskeyRecord {
  /** The credential's id, base64url. */
  readonly id: string;
  readonly admin: string;
  readonly name: string;
  /** The relying party's id: a host name. */
  readonly host: string;
  /** COSE key. */
  readonly publicKey: Uint8Array;
  /** Of the authenticator; 0: it does not count. */
  readonly counter: number;
  readonly transports: readonly string[];
  readonly created: number;
  readonly lastUsed: number | null;
}
export interface PasskeyTable {
  get(id: string): Promise<PasskeyRecord | undefined>;
  of(admin: string): Promise<PasskeyRecord[]>;
  insert(record: PasskeyRecord): Promise<boolean>;
  /** Compare and set: false when the counter is no longer the one that was seen. */
  count(seen: PasskeyRecord, counter: number, now: number): Promise<boolean>;
  /** False when this administrator has none like it. */
  remove(admin: string, id: string): Promise<boolean>;
}

export interface WebSessionRecord {
  readonly id: WebSessionId;
  /** SHA-256 of the token in the cookie, base64url. */
  readonly tokenHash: string;
  readonly kind: 'admin' | 'user';
  /** An administrator's name, a user's id. */
  readonly subject: string;
  readonly created: number;
  readonly lastUsed: number;
  /** When who it is was proved last. */
  readonly proved: number;
  readonly address: string;
  readonly agent: string;
}
export interface WebSessionTable {
  byTokenHash(tokenHash: string): Promise<WebSessionRecord | undefined>;
  /** Latest use first. */
  of(kind: WebSessionRecord['kind'], subject: string): Promise<WebSessionRecord[]>;
  insert(record: WebSessionRecord): Promise<void>;
  update(id: WebSessionId, change: Partial<Pick<WebSessionRecord, 'lastUsed' | 'proved'>>): Promise<void>;
  remove(id: WebSessionId): Promise<void>;
  removeOf(kind: WebSessionRecord['kind'], subject: string, except?: WebSessionId): Promise<void>;
  /** Those not used since, and those older than. */
  removeOld(lastUsedBefore: number, createdBefore: number): Promise<void>;
}

export interface ApiTokenRecord {
  readonly id: ApiTokenId;
  readonly name: string;
  /** SHA-256 of the token, base64url. */
  readonly tokenHash: string;
  readonly scopes: readonly string[];
  readonly createdBy: string;
  readonly created: number;
  readonly expires: number;
  readonly lastUsed: number | null;
}
export interface ApiTokenTable {
  get(id: ApiTokenId): Promise<ApiTokenRecord | undefined>;
  byTokenHash(tokenHash: string): Promise<ApiTokenRecord | undefined>;
  list(): Promise<ApiTokenRecord[]>;
  insert(record: ApiTokenRecord): Promise<void>;
  setLastUsed(id: ApiTokenId, now: number): Promise<void>;
  remove(id: ApiTokenId): Promise<void>;
}
