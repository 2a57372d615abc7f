import { type Clock, isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Act, Perform } from '../act.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import type { ReleaseKeys } from '../release-keys.ts';
import type { CoordinatorStore } from '../store.ts';
import type { AdminArea } from './area.ts';

export interface KeyHandlerOptions {
  readonly store: CoordinatorStore;
  readonly releaseKeys: ReleaseKeys;
  readonly directory: DirectoryKeeper;
  readonly perform: Perform;
  readonly clock: Clock;
}

/** Release keys. Destroying one is for good: no job of its epoch can be opened by anybody any more. */
export function keyHandlers(options: KeyHandlerOptions): AdminArea<'key'> {
  const { store, releaseKeys, directory, perform, clock } = options;
  const refresh = () => directory.refresh();
  const scrub = () => store.scrub();

  async function rotate({ tables, record, after }: Act): Promise<number> {
    const epoch = await releaseKeys.rotate(tables, clock.now());
    record('key.created', `epoch ${epoch}`);
    after(refresh);
    return epoch;
  }

  return {
    async 'admin.key.list'() {
      const keys = await store.tables.releaseKeys.list();
      const current = await releaseKeys.current(store.tables);
      return keys.map(({ epoch, created, destroyed }) => ({
        epoch,
        created: isoTime(created),
        current: epoch === current.epoch,
        destroyed: destroyed !== null
      }));
    },
    'admin.key.rotate': async (_input, actor) => ({ epoch: await perform(actor, rotate) }),

    async 'admin.key.destroy'({ epoch }, actor) {
      await perform(actor, async (act) => {
        const key = (await act.tables.releaseKeys.list()).find((known) => known.epoch === epoch);
        if (!key) throw new LetterlockError('not-found', 'epoch');
        if (key.destroyed !== null) return;
        // There is always one for new jobs: a successor first, if it is the one in use.
        if (epoch === (await releaseKeys.current(act.tables)).epoch) await rotate(act);
        await act.tables.releaseKeys.destroy(epoch, clock.now());
        act.record('key.destroyed', `epoch ${epoch}`);
        act.after(scrub);
      });
      return {};
    }
  };
}
