import type { SiteId } from '../../../src-preload/contract/index.ts';
import { LetterlockError } from '../../base/errors.ts';
import type { Directory } from '../../protocol/directory.ts';
import { currentOfflineKeys } from '../offline/keys.ts';
import { currentKeys } from '../release-keys.ts';
import type { Tables } from '../store.ts';

type Part = Pick<Directory, 'site' | 'releaseKey' | 'offlineKey' | 'sites'>;

/** What the directory says of sites: each with its keys, and the first one once more where older machines look for it. */
export async function sitesInDirectory(
  tables: Tables,
  { first, offline }: { readonly first: SiteId; readonly offline: boolean }
): Promise<Part> {
  const releaseKeys = await currentKeys(tables);
  const offlineKeys = offline ? await currentOfflineKeys(tables) : undefined;

  const keysOf = (site: SiteId) => {
    const releaseKey = releaseKeys.get(site);
    if (!releaseKey) throw new LetterlockError('key-destroyed', 'no release key is left');
    const offlineKey = offlineKeys?.get(site);
    return {
      releaseKey: publicPart(releaseKey),
      ...(offlineKey ? { offlineKey: publicPart(offlineKey) } : {})
    };
  };
  const sites = (await tables.sites.list()).map(({ id, name }) => ({ id, name, ...keysOf(id) }));
  return { site: first, ...keysOf(first), sites };
}

const publicPart = ({ epoch, publicKey }: Directory['releaseKey']): Directory['releaseKey'] => ({ epoch, publicKey });
