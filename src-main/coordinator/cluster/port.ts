/** What several coordinators over one database need of it, besides rows. A port that storage/ fills. */
export interface StoreCluster {
  /** Resolves when whatever is sent from now on will be heard. Connects again for as long as it is open. */
  join(member: Member): Promise<{ close(): Promise<void> }>;
  /**
   * Calls `begin` once this is the one that leads, what it returned once it is not any more, and `begin` again when it is again.
   * At most one leads, except for the moment until one that lost its connection has noticed.
   */
  lead(begin: () => () => Promise<void>): { close(): Promise<void> };
  /** Runs while nobody else runs one with any of the same `keys`: in turn, whoever waited longest first. Not within another. */
  exclusively<T>(keys: readonly string[], run: () => Promise<T>): Promise<T>;
}

export interface Member {
  /** Connected: `self` is who this is until `down`. `untilGone` resolves when the peer's connection to the database has ended. */
  up(self: number, untilGone: (peer: number) => Promise<void>): void;
  down(): void;
  /** Every notice, also one's own. */
  heard(text: string): void;
}
