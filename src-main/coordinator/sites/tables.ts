import type { SiteId } from '../../../src-preload/contract/index.ts';

export interface SiteRecord {
  readonly id: SiteId;
  readonly name: string;
  readonly created: number;
}
export interface SiteTable {
  get(id: SiteId): Promise<SiteRecord | undefined>;
  /** By id. */
  list(): Promise<SiteRecord[]>;
  /** False when the id is taken. */
  insert(record: SiteRecord): Promise<boolean>;
  rename(id: SiteId, name: string): Promise<void>;
  remove(id: SiteId): Promise<void>;
}
