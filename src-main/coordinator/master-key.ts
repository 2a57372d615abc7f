import { keyFingerprint, readKeyFile } from './key-folder.ts';
import type { Tables } from './store.ts';

/**
 * The organization's master key: who destroys it has destroyed every release key, and with them every job that is held. It
 * lies in a file; under which one the release keys lie stands in the database, so that both are never taken for each other.
 */
export interface MasterKey {
  /** Under which the release keys lie in this picture of the database. Throws `storage-damaged`. */
  of(tables: Tables): Promise<Uint8Array>;
}

export function openMasterKey(dataDir: string, opened: Uint8Array): MasterKey {
  let known = opened;
  return {
    async of(tables) {
      const counts = await tables.keyFiles.fingerprint(masterFile);
      if (counts !== undefined && counts !== keyFingerprint(known))
        known = await readKeyFile(dataDir, masterFile, counts);
      return known;
    }
  };
}

export const masterFile = 'master.key';
