import type { Logger } from '../base/logger.ts';
import type { AuditDetail } from './audit/chain.ts';
import type { AuditEntry, AuditJournal } from './audit/journal.ts';
import { type Change, type Changes, changeOf } from './changes.ts';
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

/**
 * `changes`: is told of each act when all that follows from it has happened. `announce`: tells other coordinators, within the
 * transaction, so that they learn of it even if this one ends before anything follows.
 */
export function createPerform(
  store: CoordinatorStore,
  audit: AuditJournal,
  changes: Changes,
  logger: Logger,
  announce: (changes: readonly Change[], tables: Tables) => Promise<void> = async () => {}
): Perform {
  return async (actor, run) => {
    const consequences = new Set<() => void | Promise<void>>();
    const result = await store.transaction(async (tables) => {
      const entries: AuditEntry[] = [];
      const value = await run({
        tables,
        record: (action, subject, detail = {}) => void entries.push({ action, subject, detail }),
        after: (consequence) => void consequences.add(consequence)
      });
      if (entries.length === 0) return { value, changed: [], committed: undefined };
      const committed = await audit.append(tables, actor, entries);
      const changed = [...entries.map(changeOf), { area: 'audit', ids: [] }];
      await announce(changed, tables);
      return { value, changed, committed };
    });
    result.committed?.();
    for (const consequence of consequences) {
      try {
        await consequence();
      } catch (error) {
        logger.error({ error, actor }, 'a consequence of what was done could not follow');
      }
    }
    changes.publish(result.changed);
    return result.value;
  };
}
