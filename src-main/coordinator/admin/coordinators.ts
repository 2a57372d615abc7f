import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Perform } from '../act.ts';
import { writeKeyBundle } from '../cluster/key-bundle.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import type { CoordinatorStore } from '../store.ts';
import type { AdminArea } from './area.ts';

export interface CoordinatorHandlerOptions {
  readonly dataDir: string;
  readonly store: CoordinatorStore;
  readonly directory: DirectoryKeeper;
  readonly perform: Perform;
  readonly clock: Clock;
}

/** Coordinators that share a database: which there are, and the keys for one more. */
export function coordinatorHandlers(options: CoordinatorHandlerOptions): AdminArea<'coordinator'> {
  const { dataDir, store, directory, perform } = options;
  return {
    async 'admin.coordinator.list'() {
      const all = await store.tables.coordinators.list();
      return all.map(({ since, ...addresses }) => ({ ...addresses, since: isoTime(since) }));
    },
    async 'admin.coordinator.remove'({ url }, actor) {
      await perform(actor, async ({ tables, record, after }) => {
        if (!(await tables.coordinators.remove(url))) throw new LetterlockError('not-found', 'coordinator');
        record('coordinator.removed', url);
        after(directory.refresh);
      });
      return {};
    },
    async 'admin.coordinator.bundle'({ path, passphrase }, actor) {
      if (!store.cluster) throw new LetterlockError('conflict', 'the embedded database is for one coordinator');
      const organization = directory.current().organization;
      // Before it is there: a bundle that nobody wrote down must not exist.
      await perform(actor, async ({ record }) => record('key.bundled', organization.id));
      await writeKeyBundle({ dataDir, path, organization, passphrase });
      return {};
    }
  };
}
