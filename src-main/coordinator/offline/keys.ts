import { hkdfSync } from 'node:crypto';
import type { OrganizationId } from '../../../src-preload/contract/index.ts';
import { toBase64url, utf8, wipe } from '../../base/bytes.ts';
import { generateSealingKey, sealingKey } from '../../identity/keys.ts';
import { unwrapSecret, wrapSecret } from '../secret-wrap.ts';
import type { Tables } from '../store.ts';
import type { OfflineKeyRecord } from './tables.ts';

/**
 * The site's offline keys (X25519), one per epoch: to them clients escrow the job part for stations. They go with the job parts, so
 * they are wrapped under a key that is derived from the custody key, apart from the release keys. The coordinator opens nothing
 * with them; it only puts them into capsules.
 */
export interface OfflineKeys {
  /** Makes the next one and retires the one before. */
  rotate(tables: Tables, now: number): Promise<number>;
  /** Private halves that are left, PKCS#8 DER. */
  take(tables: Tables): Promise<{ readonly epoch: number; readonly privateKey: Uint8Array }[]>;
}

export function createOfflineKeys(custodyKey: Uint8Array, organization: OrganizationId): OfflineKeys {
  const info = utf8('letterlock/v1/offline-key-wrapping');
  const key = new Uint8Array(hkdfSync('sha256', custodyKey, utf8(organization), info, 32));
  const context = (epoch: number) => `offline key ${epoch}`;

  return {
    async rotate({ offlineKeys }, now) {
      const all = await offlineKeys.list();
      for (const { epoch, retired } of all) if (retired === null) await offlineKeys.retire(epoch, now);
      const epoch = Math.max(0, ...all.map((known) => known.epoch)) + 1;
      const privateKey = generateSealingKey();
      const publicKey = toBase64url(sealingKey(privateKey).publicKey);
      const wrapped = wrapSecret(key, privateKey, context(epoch));
      wipe(privateKey);
      await offlineKeys.insert({ epoch, publicKey, wrapped, created: now, retired: null });
      return epoch;
    },
    async take({ offlineKeys }) {
      return (await offlineKeys.list()).flatMap(({ epoch, wrapped }) =>
        wrapped ? { epoch, privateKey: unwrapSecret(key, wrapped, context(epoch)) } : []
      );
    }
  };
}

/** To which jobs are escrowed now. */
export const currentOfflineKey = async ({
  offlineKeys
}: Pick<Tables, 'offlineKeys'>): Promise<OfflineKeyRecord | undefined> =>
  (await offlineKeys.list()).findLast(({ retired }) => retired === null);
