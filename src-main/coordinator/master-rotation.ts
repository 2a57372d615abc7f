import type { OrganizationId } from '../../src-preload/contract/index.ts';
import type { ReplaceKeyFile } from './key-replacement.ts';
import { masterFile } from './master-key.ts';
import type { ReleaseKeys } from './release-keys.ts';
import { newKey } from './secret-wrap.ts';
import type { CoordinatorStore } from './store.ts';

/** A new master key: every release key lies under it and none under the old one, which is gone. Gives their number. */
export function createMasterRotation(options: {
  readonly organization: OrganizationId;
  readonly releaseKeys: ReleaseKeys;
  readonly store: CoordinatorStore;
  readonly replaceKeyFile: ReplaceKeyFile;
}): (actor: string) => Promise<number> {
  const { organization, releaseKeys, store, replaceKeyFile } = options;
  return (actor) => {
    const content = newKey();
    return replaceKeyFile({
      name: masterFile,
      content,
      actor,
      async run({ tables, record, after }) {
        const rewrapped = await releaseKeys.rewrap(tables, content);
        record('key.master-rotated', organization, { releaseKeys: rewrapped });
        after(() => store.scrub());
        return rewrapped;
      }
    });
  };
}
