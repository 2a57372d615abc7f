import type { Act, Perform } from './act.ts';
import type { KeySuccession } from './cluster/key-succession.ts';
import type { KeyFolder } from './key-folder.ts';
import type { CoordinatorStore } from './store.ts';

/**
 * Puts a new content into a key file, here and at every other coordinator, together with what changes in the database because of
 * it: all of that or nothing, whenever a machine stops. The new content lies beside the old one on every disk before the
 * transaction says, by its fingerprint, that it counts; only then the old one goes. Throws `conflict` when a coordinator that is
 * listed does not take it.
 */
export type ReplaceKeyFile = <T>(replacement: {
  /** In the folder of keys. */
  readonly name: string;
  readonly content: Uint8Array;
  readonly actor: string;
  /** In the transaction, before the new content counts. */
  readonly run: (act: Act) => Promise<T>;
}) => Promise<T>;

export function createKeyReplacement(options: {
  readonly folder: KeyFolder;
  readonly succession: Pick<KeySuccession, 'spread' | 'confirm' | 'withdraw'>;
  readonly store: CoordinatorStore;
  readonly perform: Perform;
}): ReplaceKeyFile {
  const { folder, succession, store, perform } = options;
  let working: Promise<unknown> = Promise.resolve();

  const replace: ReplaceKeyFile = async ({ name, content, actor, run }) => {
    const fingerprint = await folder.add(name, content);
    try {
      await succession.spread(name, content);
      return await perform(actor, async (act) => {
        await succession.confirm(act.tables, name, fingerprint);
        const result = await run(act);
        await act.tables.keyFiles.setFingerprint(name, fingerprint);
        return result;
      });
    } finally {
      // Also when it failed: a connection that broke in the commit leaves open which it was. In a transaction: after that one's end.
      const counts = await store.transaction(({ keyFiles }) => keyFiles.fingerprint(name));
      if (counts === fingerprint) await folder.settle(name, fingerprint);
      else {
        await succession.withdraw(name, fingerprint);
        await folder.drop(name, fingerprint);
      }
    }
  };
  // One after the other: what follows builds on the one before.
  return (replacement) => {
    const done = working.then(() => replace(replacement));
    working = done.catch(() => {});
    return done;
  };
}
