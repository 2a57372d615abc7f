import type { CoordinatorStore } from '../store.ts';

/** What one coordinator does for all: begins when this is the one, ends when it is not. */
export interface Duty {
  start(): void;
  close(): Promise<void>;
}

/** Of several coordinators the database chooses one, and another when that is gone; one alone always leads. */
export function lead(store: CoordinatorStore, duties: readonly Duty[]): { close(): Promise<void> } {
  const begin = () => {
    for (const duty of duties) duty.start();
    return async () => void (await Promise.all(duties.map((duty) => duty.close())));
  };
  return store.cluster ? store.cluster.lead(begin) : { close: begin() };
}
