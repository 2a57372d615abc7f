import { LetterlockError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { replaceableKeyFiles, requireKeyFile } from '../key-files.ts';
import type { KeyFolder } from '../key-folder.ts';
import type { CoordinatorStore, Tables } from '../store.ts';
import type { Cluster } from './cluster.ts';

/**
 * Contents of key files that another coordinator made, on this one's disk. That one is there stands in the database as a row, which
 * is taken away once: by the transaction that makes the content count, or by this coordinator when it is not to count any more. So
 * nobody drops what counts, and nothing counts that somebody has dropped.
 */
export interface KeyCopies {
  /** Puts one on the disk and notes it; `tell` runs in the same transaction. Throws `input-invalid`. */
  keep(name: string, content: Uint8Array, tell: (tables: Tables) => Promise<void>): Promise<void>;
  /** At a start, before anything is offered: nothing that an earlier run has kept may count from now on, and what counts is in place. */
  begin(): Promise<void>;
  /** Puts what counts in place, and says what has changed. Throws `keys-outdated`. */
  follow(): Promise<void>;
}

export function createKeyCopies(options: {
  readonly folder: KeyFolder;
  readonly store: CoordinatorStore;
  readonly cluster: Cluster;
  /** Where this one is listed. */
  readonly url: () => string;
  /** What was opened at the start. */
  readonly fingerprints: ReadonlyMap<string, string>;
  readonly onReplaced: (name: string, content: Uint8Array, fingerprint: string) => Promise<void>;
  /** What counts is not here and cannot come any more: this coordinator must not go on. */
  readonly onOutdated: (error: LetterlockError) => void;
  readonly logger: Logger;
}): KeyCopies {
  const { folder, store, cluster, url, onReplaced, onOutdated, logger } = options;
  const known = new Map(options.fingerprints);
  let following: Promise<unknown> = Promise.resolve();

  async function followNow(): Promise<void> {
    for (const name of replaceableKeyFiles) {
      const counts = await store.tables.keyFiles.fingerprint(name);
      if (counts === undefined || counts === known.get(name)) continue;
      await onReplaced(name, await folder.settle(name, counts), counts);
      known.set(name, counts);
    }
  }
  function follow(): Promise<void> {
    const done = following.then(followNow);
    following = done.catch(() => {});
    return done;
  }
  function hear(): void {
    follow().catch((error: unknown) => {
      if (error instanceof LetterlockError && /^(keys-outdated|storage-damaged)$/.test(error.code))
        return onOutdated(error);
      logger.error({ error }, 'a key that another coordinator replaced could not be put in place; trying again');
    });
  }

  cluster.on('key-replaced', hear);
  cluster.onHearing(hear);
  cluster.on('key-withdrawn', ({ name, fingerprint }) => {
    takeBack({ name, fingerprint }).catch((error: unknown) => {
      logger.warn({ error }, 'a key that will not count could not be dropped');
    });
  });

  async function takeBack(which: { readonly name?: string; readonly fingerprint?: string }): Promise<void> {
    const taken = await store.transaction(({ keyCopies }) => keyCopies.takeOf(url(), which));
    for (const { name, fingerprint } of taken) await folder.drop(name, fingerprint);
  }

  return {
    async keep(name, content, tell) {
      requireKeyFile(name, content);
      await takeBack({ name });
      const fingerprint = await folder.add(name, content);
      await store.transaction(async (tables) => {
        await tables.keyCopies.insert({ url: url(), name, fingerprint });
        await tell(tables);
      });
    },
    async begin() {
      await store.transaction(({ keyCopies }) => keyCopies.takeOf(url(), {}));
      await follow();
      await folder.clear();
    },
    follow
  };
}
