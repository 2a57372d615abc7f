import type {
  DeliveryGrade,
  DeviceId,
  GrantId,
  JobId,
  OrganizationId,
  PolicyView,
  PrinterId,
  Role,
  SiteId,
  TokenId,
  UserId,
  UserRules
} from '../../src-preload/contract/index.ts';
import type { AdminTable, ApiTokenTable, PasskeyTable, RecoveryCodeTable, WebSessionTable } from './admins/tables.ts';
import type { AuditForwardTable, AuditSearchTable } from './audit/tables.ts';
import type { StoreCluster } from './cluster/port.ts';
import type {
  CoordinatorTable,
  KeyCopyTable,
  NoticeTable,
  SignedDirectoryTable,
  StationSessionTable,
  WrongTryTable
} from './cluster/tables.ts';
import type { AttemptState, JobState } from './job-state.ts';
import type { ConfirmedEmailTable, MailServerTable, SignInLinkTable } from './mail/tables.ts';
import type { CapsuleTable, OfflineKeyTable } from './offline/tables.ts';
import type { PageCountTable, PolicyTable } from './policy/tables.ts';
import type { SiteTable } from './sites/tables.ts';
import type { SsoLinkTable, SsoProviderTable } from './sso/tables.ts';
import type { BadgeTable, DelegateTable, InvitationTable, UserGroupTable } from './users/tables.ts';

/**
 * What the coordinator asks of a database: a port that storage/ fills. Records, not rules: every rule is in this folder.
 * Times are milliseconds since the epoch. There is no place for a document, a content key or a title.
 */
export interface CoordinatorStore {
  /** All or nothing, durable when it resolves, one after the other. Inside, use only the tables given. */
  transaction<T>(run: (tables: Tables) => Promise<T>): Promise<T>;
  /** For reading outside a transaction. */
  readonly tables: Tables;
  /**
   * Makes sure that nothing deleted is left in a file of the database. A PostgreSQL server keeps what it logged for as long as
   * it is set up to; there only destroyed release keys are cleared from the table's own file.
   */
  scrub(): Promise<void>;
  /** One consistent picture of what a backup holds, while others go on writing. Not for use within a transaction. */
  copy<T>(use: (copy: StoreCopy) => Promise<T>): Promise<T>;
  /** Only where several coordinators can share the database. */
  readonly cluster?: StoreCluster;
  close(): Promise<void>;
}

export interface StoreCopy {
  /** Number of the newest change of the schema in it. */
  readonly schema: number;
  /** In an order in which they can be put in again. To be read once. */
  readonly rows: AsyncIterable<CopiedRow>;
}
export interface CopiedRow {
  readonly table: string;
  readonly row: Readonly<Record<string, Cell>>;
}
export type Cell = string | number | Uint8Array | null;

export interface Tables {
  readonly organization: OrganizationTable;
  readonly admins: AdminTable;
  readonly recoveryCodes: RecoveryCodeTable;
  readonly passkeys: PasskeyTable;
  readonly webSessions: WebSessionTable;
  readonly apiTokens: ApiTokenTable;
  readonly badges: BadgeTable;
  readonly userGroups: UserGroupTable;
  readonly invitations: InvitationTable;
  readonly delegates: DelegateTable;
  readonly mailServer: MailServerTable;
  readonly confirmedEmails: ConfirmedEmailTable;
  readonly signInLinks: SignInLinkTable;
  readonly ssoProvider: SsoProviderTable;
  readonly ssoLinks: SsoLinkTable;
  readonly devices: DeviceTable;
  readonly users: UserTable;
  readonly printers: PrinterTable;
  readonly tokens: TokenTable;
  readonly releaseKeys: ReleaseKeyTable;
  readonly keyFiles: KeyFileTable;
  readonly jobs: JobTable;
  readonly jobParts: JobPartTable;
  readonly holders: HolderTable;
  readonly grants: GrantTable;
  readonly audit: AuditTable;
  readonly auditForwards: AuditForwardTable;
  readonly suspensions: SuspensionTable;
  readonly policies: PolicyTable;
  readonly pageCounts: PageCountTable;
  readonly stationSessions: StationSessionTable;
  readonly coordinators: CoordinatorTable;
  readonly signedDirectory: SignedDirectoryTable;
  readonly offlineKeys: OfflineKeyTable;
  readonly capsules: CapsuleTable;
  readonly sites: SiteTable;
  readonly wrongTries: WrongTryTable;
  readonly keyCopies: KeyCopyTable;
  readonly notices: NoticeTable;
}

/** What may not be used for now: ids of the organization, of devices, of jobs. */
export interface SuspensionTable {
  /** False when it was already. */
  add(subject: string, since: number): Promise<boolean>;
  /** False when it was not. */
  remove(subject: string): Promise<boolean>;
  has(subject: string): Promise<boolean>;
  /** Since when, by subject. */
  all(): Promise<Map<string, number>>;
}

export interface OrganizationRecord {
  readonly id: OrganizationId;
  readonly name: string;
  /** The first one. */
  readonly site: SiteId;
  /** The coordinator's own device id. */
  readonly coordinator: DeviceId;
  readonly policy: PolicyView;
  readonly created: number;
}
export interface OrganizationTable {
  get(): Promise<OrganizationRecord | undefined>;
  insert(record: OrganizationRecord): Promise<void>;
  setPolicy(policy: PolicyView): Promise<void>;
  userRules(): Promise<UserRules>;
  setUserRules(rules: UserRules): Promise<void>;
  /** How old the release key grows before there is a new one; 0: until somebody says so. */
  keyRotationDays(): Promise<number>;
  setKeyRotationDays(days: number): Promise<void>;
  /** Counts up, usually by one, and returns the new version. */
  nextDirectoryVersion(by?: number): Promise<number>;
}

export interface DeviceRecord {
  readonly id: DeviceId;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly status: 'approved' | 'revoked';
  /** Raw public keys, base64url. */
  readonly signing: string;
  readonly sealing: string;
  readonly url: string | null;
  /** A node outside of the organization's network. */
  readonly cloud: boolean;
  readonly owner: UserId | null;
  readonly certificateExpires: number;
  /** Of the certificate that it was last seen with: SHA-256 of the authority's, lower-case hex. Null: from before it was noted. */
  readonly certificateAuthority: string | null;
  readonly created: number;
  readonly site: SiteId;
  /** Where it was before, and until when: what it sealed then still counts. Null: it was never moved. */
  readonly movedFrom: SiteId | null;
  readonly moved: number | null;
}
export interface DeviceTable {
  get(id: DeviceId): Promise<DeviceRecord | undefined>;
  /** Of those users who have a device: few, where users are many. */
  ownerNames(): Promise<Map<UserId, string>>;
  list(): Promise<DeviceRecord[]>;
  insert(record: DeviceRecord): Promise<void>;
  revoke(id: DeviceId): Promise<void>;
  setCloud(id: DeviceId, cloud: boolean): Promise<void>;
  setUrl(id: DeviceId, url: string | null): Promise<void>;
  setCertificateExpires(id: DeviceId, expires: number): Promise<void>;
  setCertificateAuthority(id: DeviceId, authority: string): Promise<void>;
  move(id: DeviceId, site: SiteId, at: number): Promise<void>;
}

export interface UserRecord {
  readonly id: UserId;
  readonly name: string;
  /** What the name is found by: two users never share it. */
  readonly nameKey: string;
  /** Lower case; two users never share it. */
  readonly email: string | null;
  /** What the organization's directory calls it; two users never share it. */
  readonly externalId: string | null;
  readonly status: 'active' | 'suspended';
  readonly pinHash: string | null;
  readonly created: number;
  /** Of a guest: when the account ends. */
  readonly expires: number | null;
  /** Of a guest: who invited them. */
  readonly host: UserId | null;
}
export interface UserTable {
  get(id: UserId): Promise<UserRecord | undefined>;
  byNameKey(nameKey: string): Promise<UserRecord | undefined>;
  byEmail(email: string): Promise<UserRecord | undefined>;
  list(): Promise<UserRecord[]>;
  /** False when the name or the e-mail address is taken. */
  insert(record: UserRecord): Promise<boolean>;
  byExternalId(externalId: string): Promise<UserRecord | undefined>;
  /** False when something of it is taken. */
  rename(id: UserId, change: Partial<Pick<UserRecord, 'name' | 'nameKey' | 'email' | 'externalId'>>): Promise<boolean>;
  /** For good: it stays only so that the log and old jobs say whose they were. No name, address or badge finds it any more. */
  remove(id: UserId, now: number): Promise<void>;
  setPinHash(id: UserId, pinHash: string): Promise<void>;
  setStatus(id: UserId, status: UserRecord['status']): Promise<void>;
  /** Not those that were removed. */
  guestsOf(host: UserId): Promise<UserRecord[]>;
  /** Guests whose time is over, and when the next one's is. */
  overdue(now: number): Promise<UserRecord[]>;
  nextExpiry(): Promise<number | undefined>;
}

export interface PrinterRecord {
  readonly id: PrinterId;
  readonly name: string;
  readonly location: string;
  readonly uri: string;
  readonly status: 'pending' | 'approved' | 'removed';
  readonly grade: DeliveryGrade;
  /** SHA-256 of the DER certificate, lower-case hex: as seen while pending, as approved afterwards. */
  readonly certificateSha256: string | null;
  readonly certificateSubject: string | null;
  readonly certificateExpires: number | null;
  /** IPP attributes in the printer's own words, as the directory carries them. Null: it has not been asked. */
  readonly capabilities: string | null;
  readonly site: SiteId;
}
export interface PrinterTable {
  get(id: PrinterId): Promise<PrinterRecord | undefined>;
  list(): Promise<PrinterRecord[]>;
  insert(record: PrinterRecord): Promise<void>;
  approve(id: PrinterId, grade: DeliveryGrade): Promise<void>;
  setCapabilities(id: PrinterId, capabilities: string): Promise<void>;
  move(id: PrinterId, site: SiteId): Promise<void>;
  remove(id: PrinterId): Promise<void>;
}

export interface TokenRecord {
  readonly id: TokenId;
  /** SHA-256 of the secret, base64url. */
  readonly secretHash: string;
  readonly roles: readonly Role[];
  readonly uses: number;
  readonly maxUses: number;
  readonly expires: number;
  readonly owner: UserId | null;
  readonly revoked: boolean;
  /** The nodes that it enrols are cloud nodes. */
  readonly cloud: boolean;
  /** Of the machines that it enrols. */
  readonly site: SiteId;
}
export interface TokenTable {
  get(id: TokenId): Promise<TokenRecord | undefined>;
  bySecretHash(secretHash: string): Promise<TokenRecord | undefined>;
  list(): Promise<TokenRecord[]>;
  insert(record: TokenRecord): Promise<void>;
  /** Counts one use; false when it is revoked, expired or used up. */
  use(id: TokenId, now: number): Promise<boolean>;
  revoke(id: TokenId): Promise<void>;
}

/** Which content of a key file counts, by a fingerprint that gives nothing of it away; undefined: the one that is there. */
export interface KeyFileTable {
  fingerprint(name: string): Promise<string | undefined>;
  setFingerprint(name: string, fingerprint: string): Promise<void>;
}

export interface ReleaseKeyRecord {
  /** Unique in the organization, and growing. */
  readonly epoch: number;
  /** Raw X25519, base64url. */
  readonly publicKey: string;
  readonly created: number;
  readonly destroyed: number | null;
  /** Whose jobs it opens. */
  readonly site: SiteId;
}
export interface ReleaseKeyTable {
  /** Oldest first. */
  list(): Promise<ReleaseKeyRecord[]>;
  insert(record: ReleaseKeyRecord, wrappedPrivateKey: Uint8Array): Promise<void>;
  wrappedPrivateKey(epoch: number): Promise<Uint8Array | undefined>;
  /** Of one that is not destroyed. */
  rewrap(epoch: number, wrappedPrivateKey: Uint8Array): Promise<void>;
  /** The private key is overwritten, then removed. */
  destroy(epoch: number, at: number): Promise<void>;
}

export interface JobRecord {
  readonly id: JobId;
  readonly owner: UserId;
  readonly device: DeviceId;
  /** Bytes of the document. */
  readonly size: number;
  readonly created: number;
  readonly expires: number;
  readonly deliveryGrade: DeliveryGrade;
  /** Of the release key that it needs; null: from before it was noted, it stands in the manifest. */
  readonly epoch: number | null;
  /** The signed manifest's payload, base64url: verified when the job was registered. */
  readonly manifest: string;
  /** Set when the job was ended from outside; no attempt changes that. */
  readonly closed: 'canceled' | 'expired' | null;
  /** Derived from `closed` and the attempts, kept for queries. */
  readonly state: JobState;
  readonly fence: number;
  /** The printer of the latest attempt. */
  readonly printer: PrinterId | null;
  /** Why the latest attempt failed. */
  readonly code: string | null;
  readonly updated: number;
}
export type JobChange = Pick<JobRecord, 'closed' | 'state' | 'fence' | 'printer' | 'code' | 'updated'>;
export interface JobTable {
  get(id: JobId): Promise<JobRecord | undefined>;
  insert(record: JobRecord): Promise<void>;
  /** Compare and set: false when fence or state are no longer those of `seen`. */
  change(seen: JobRecord, change: JobChange): Promise<boolean>;
  /** Newest first; with `before`, only what is older than that. */
  list(limit: number, before?: Pick<JobRecord, 'id' | 'created'>): Promise<JobRecord[]>;
  /** Jobs that ended since, counted by day (whole days since the epoch, UTC) and state; the last change is their end. */
  endedByDay(since: number): Promise<{ day: number; state: JobState; count: number }[]>;
  /** Jobs of a user that are not final, newest first. */
  openOfOwner(owner: UserId, limit: number): Promise<JobRecord[]>;
  /** Jobs of a device that are not final or were changed after `since`; latest change first. */
  recentOfDevice(device: DeviceId, since: number, limit: number): Promise<JobRecord[]>;
  countOpenOfDevice(device: DeviceId): Promise<number>;
  /** Jobs that are not final, by id, after the one given. */
  openAfter(job: JobId | undefined, limit: number): Promise<JobRecord[]>;
  /** Jobs that are not final, by the release key that they need; null: from before it was noted. */
  openByEpoch(): Promise<Map<number | null, number>>;
  /** Held, released or uncertain jobs whose time is over. */
  overdue(now: number): Promise<JobRecord[]>;
  /** When the next of these is due. */
  nextExpiry(): Promise<number | undefined>;
}

/** Apart from everything else: J of each job that can still be released, encrypted under the custody key. */
export interface JobPartTable {
  insert(job: JobId, wrapped: Uint8Array): Promise<void>;
  get(job: JobId): Promise<Uint8Array | undefined>;
  delete(job: JobId): Promise<void>;
}

export interface HolderTable {
  of(job: JobId): Promise<DeviceId[]>;
  /** `receipt`: the node's signed word. False when it was known already. */
  insert(job: JobId, node: DeviceId, receipt: string): Promise<boolean>;
  /** The order is kept until each holder has said that nothing is left there. */
  order(job: JobId, order: string): Promise<void>;
  /** Orders that a node has not confirmed yet, as signed; of one job or of all. */
  outstanding(node: DeviceId, job?: JobId): Promise<string[]>;
  /** False when the node is not a holder, or no longer. */
  erased(job: JobId, node: DeviceId, at: number): Promise<boolean>;
}

export interface GrantRecord {
  readonly id: GrantId;
  readonly job: JobId;
  readonly node: DeviceId;
  readonly printer: PrinterId;
  readonly user: UserId;
  readonly requestedBy: DeviceId;
  readonly fence: number;
  readonly issued: number;
  readonly expires: number;
  readonly state: AttemptState;
  /** The printer has the whole job. */
  readonly delivered: boolean;
  readonly printerJob: number | null;
}
export interface GrantTable {
  get(id: GrantId): Promise<GrantRecord | undefined>;
  /** All attempts of a job, oldest first. */
  ofJob(job: JobId): Promise<GrantRecord[]>;
  insert(record: GrantRecord): Promise<void>;
  setState(id: GrantId, state: AttemptState): Promise<void>;
  setDelivered(id: GrantId, printerJob: number | null): Promise<void>;
  started(node?: DeviceId): Promise<GrantRecord[]>;
  /** Issued, never started, and over. */
  overdue(now: number): Promise<GrantRecord[]>;
  nextExpiry(): Promise<number | undefined>;
}

export interface AuditRecord {
  readonly sequence: number;
  readonly time: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  /** Canonical JSON: the bytes that are hashed. */
  readonly detail: string;
  /** SHA-256, lower-case hex. */
  readonly hash: string;
}
export interface AuditTable extends AuditSearchTable {
  insert(record: AuditRecord): Promise<void>;
  last(): Promise<AuditRecord | undefined>;
  /** Rows with a sequence above `after`, in order. */
  after(sequence: number, limit: number): Promise<AuditRecord[]>;
  insertCheckpoint(sequence: number, signed: string): Promise<void>;
  deleteCheckpoint(sequence: number): Promise<void>;
  lastCheckpoint(): Promise<{ sequence: number; signed: string } | undefined>;
  /** In order, of rows after `after` up to `upTo`; all of them without. */
  checkpoints(after?: number, upTo?: number): Promise<{ sequence: number; signed: string }[]>;
}
