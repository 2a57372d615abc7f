import type { Logger } from '../base/logger.ts';
import type { AuditDetail } from './audit/chain.ts';
import type { AuditEntry, AuditJournal } from './audit/journal.ts';
import { type Changes, changeOf } from './changes.ts';
import type { CoordinatorStore, Tables } from './store.ts';

/**
 * Everything that changes something is an act: one transaction that holds the change and its audit rows, or neither.
 * What has to happen in the world because of it happens afterwards, in the order it was asked for.
 */
export interface Act {
  readonly tables: Tables;
  /** One audit row. `subject`: what was acted on. No secret, no title. */
  record(action: string, subject: string, detail?: AuditDetail): void;
  /** Once the transaction is durable; its failure is logged and undoes nothing. Asking twice for the same does it once. */
  after(run: () => void | Promise<void>): void;
}

/** `actor`: `device:<id>`, `user:<id>`, `admin:<name>` or `coordinator`. */
export type Perform = <T>(actor: string, run: (act: Act) => Promise<T>) => Promise<T>;

/** `changes`: is told of each act when all that follows from it has happened. */
export function createPerform(store: CoordinatorStore, audit: AuditJournal, changes: Changes, logger: Logger): Perform {
  return async (actor, run) => {
    const consequences = new Set<() => void | Promise<void>>();
    const result = await store.transaction(async (tables) => {
      const entries: AuditEntry[] = [];
      const value = await run({
        tables,
        record: (action, subject, detail = {}) => void entries.push({ action, subject, detail }),
        after: (consequence) => void consequences.add(consequence)
      });
      const committed = entries.length > 0 ? await audit.append(tables, actor, entries) : undefined;
      return { value, entries, committed };
    });
    result.committed?.();
    for (const consequence of consequences) {
      try {
        await consequence();
      } catch (error) {
        logger.error({ error, actor }, 'a consequence of what was done could not follow');
      }
    }
    if (result.committed) changes.publish([...result.entries.map(changeOf), { area: 'audit', ids: [] }]);
    return result.value;
  };
}
