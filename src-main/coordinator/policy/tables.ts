import type { GrantId, JobId, PolicyRule, PolicyView, PrinterId, UserId } from '../../../src-preload/contract/index.ts';

/** What the database keeps of the policy, and of what was printed under it. Times are milliseconds since the epoch. */
export interface PolicyRecord {
  readonly version: number;
  readonly created: number;
  readonly author: string;
  readonly reason: string;
  readonly settings: PolicyView;
  readonly rules: readonly PolicyRule[];
}
/** Versions are only ever added: the newest one is in force. */
export interface PolicyTable {
  newest(): Promise<PolicyRecord | undefined>;
  get(version: number): Promise<PolicyRecord | undefined>;
  /** Newest first, those before `before`. */
  list(before: number, limit: number): Promise<PolicyRecord[]>;
  /** Fails when the version is there already: two changed it at once. */
  insert(record: PolicyRecord): Promise<void>;
}

/** One print as the delivering node told of it. */
export interface PageCount {
  readonly grant: GrantId;
  readonly job: JobId;
  readonly user: UserId;
  readonly printer: PrinterId;
  /** As 2026-01, in UTC. */
  readonly month: string;
  /** Printed sides; null: nobody knows. */
  readonly pages: number | null;
  readonly from: 'printer' | 'document' | null;
  readonly color: boolean;
  readonly cost: number;
}
export interface PageUsage {
  readonly user: UserId;
  readonly pages: number;
  readonly colorPages: number;
  readonly cost: number;
  readonly uncounted: number;
}
export interface Releases {
  /** Whose job it was. */
  readonly user: UserId;
  readonly printer: PrinterId;
  readonly count: number;
}
export interface PageCountTable {
  /** Said twice it is counted once. */
  insert(count: PageCount): Promise<void>;
  /** Printed sides of one person in one month. */
  pagesOf(user: UserId, month: string): Promise<number>;
  /** Everybody's of one month, most pages first. */
  ofMonth(month: string): Promise<PageUsage[]>;
  /** What was granted since, by owner of the job and printer. */
  releasesSince(since: number): Promise<Releases[]>;
}
