import { hkdfSync } from 'node:crypto';
import type { OrganizationId, SiteId } from '../../../src-preload/contract/index.ts';
import { toBase64url, utf8, wipe } from '../../base/bytes.ts';
import { generateSealingKey, sealingKey } from '../../identity/keys.ts';
import type { Act } from '../act.ts';
import { unwrapSecret, wrapSecret } from '../secret-wrap.ts';
import type { Tables } from '../store.ts';
import type { OfflineKeyRecord } from './tables.ts';

/**
 * Offline keys (X25519): to them clients escrow the job part for stations of their site. Epochs count through all sites, as those of
 * release keys do. They go with the job parts, so they are wrapped under a key that is derived from the custody key, apart from the release keys. The coordinator opens nothing
 * with them; it only puts them into capsules.
 */
export interface OfflineKeys {
  /** Makes the site's next one and retires the one before. */
  rotate(tables: Tables, site: SiteId, now: number): Promise<number>;
  /** The site's private halves that are left, PKCS#8 DER. */
  take(tables: Tables, site: SiteId): Promise<{ readonly epoch: number; readonly privateKey: Uint8Array }[]>;
}

export function createOfflineKeys(custodyKey: Uint8Array, organization: OrganizationId): OfflineKeys {
  const info = utf8('letterlock/v1/offline-key-wrapping');
  const key = new Uint8Array(hkdfSync('sha256', custodyKey, utf8(organization), info, 32));
  const context = (epoch: number) => `offline key ${epoch}`;

  return {
    async rotate({ offlineKeys }, site, now) {
      const all = await offlineKeys.list();
      for (const known of all)
        if (known.site === site && known.retired === null) await offlineKeys.retire(known.epoch, now);
      const epoch = Math.max(0, ...all.map((known) => known.epoch)) + 1;
      const privateKey = generateSealingKey();
      const publicKey = toBase64url(sealingKey(privateKey).publicKey);
      const wrapped = wrapSecret(key, privateKey, context(epoch));
      wipe(privateKey);
      await offlineKeys.insert({ epoch, publicKey, wrapped, created: now, retired: null, site });
      return epoch;
    },
    async take({ offlineKeys }, site) {
      return (await offlineKeys.list()).flatMap(({ epoch, wrapped, site: of }) =>
        wrapped && of === site ? { epoch, privateKey: unwrapSecret(key, wrapped, context(epoch)) } : []
      );
    }
  };
}

/** To which jobs of each site are escrowed now. */
export const currentOfflineKeys = async ({
  offlineKeys
}: Pick<Tables, 'offlineKeys'>): Promise<Map<SiteId, OfflineKeyRecord>> =>
  new Map((await offlineKeys.list()).filter(({ retired }) => retired === null).map((key) => [key.site, key]));

/** Of a site that is no more; the private halves for good. */
export async function endOfflineKeys({ tables, record }: Act, site: SiteId, now: number): Promise<void> {
  for (const { epoch, wrapped, retired, site: of } of await tables.offlineKeys.list()) {
    if (of !== site) continue;
    if (retired === null) await tables.offlineKeys.retire(epoch, now);
    if (!wrapped) continue;
    await tables.offlineKeys.destroy(epoch);
    record('offline.key-destroyed', `epoch ${epoch}`);
  }
}
