import { hkdfSync } from 'node:crypto';
import type { OrganizationId, SiteId } from '../../src-preload/contract/index.ts';
import { toBase64url, utf8, wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { generateSealingKey, type SealingKey, sealingKey } from '../identity/keys.ts';
import type { MasterKey } from './master-key.ts';
import { unwrapSecret, wrapSecret } from './secret-wrap.ts';
import type { ReleaseKeyRecord, Tables } from './store.ts';
import { requireUsable } from './suspensions.ts';

/**
 * Release keys (X25519): one of the three parts of every job. Each belongs to a site and opens the jobs of that site; epochs count
 * through all of them, so that a number names one key. Private keys lie in the database, wrapped under a key derived from the
 * master key; they are opened for one grant at a time and never cached.
 */
export interface ReleaseKeys {
  /** Makes the site's next key; jobs sealed there from now on use it. */
  rotate(tables: Tables, site: SiteId, now: number): Promise<number>;
  /** The site's newest that is not destroyed. */
  current(tables: Tables, site: SiteId): Promise<ReleaseKeyRecord>;
  /** Throws `key-destroyed`; `input-invalid` for an epoch that never was. Opens nothing. */
  require(tables: Tables, epoch: number): Promise<void>;
  /** Throws the same, and `suspended` while the organization is: the key stays wrapped. */
  open(tables: Tables, epoch: number): Promise<SealingKey>;
  /** The private key itself, PKCS#8 DER, for stations that may release without the coordinator; wipe it. Throws as `open` does. */
  take(tables: Tables, epoch: number): Promise<Uint8Array>;
  /** Wraps all that are left under another master key, which is then the one that must count. Gives their number. */
  rewrap(tables: Tables, master: Uint8Array): Promise<number>;
}

/** The newest key of each site that is not destroyed. */
export async function currentKeys({
  sites,
  releaseKeys
}: Pick<Tables, 'sites' | 'releaseKeys'>): Promise<Map<SiteId, ReleaseKeyRecord>> {
  const there = new Set((await sites.list()).map(({ id }) => id));
  const usable = (await releaseKeys.list()).filter(({ site, destroyed }) => destroyed === null && there.has(site));
  return new Map(usable.map((key) => [key.site, key]));
}

export function createReleaseKeys(masterKey: MasterKey, organization: OrganizationId): ReleaseKeys {
  const info = utf8('letterlock/v1/release-key-wrapping');
  const under = (master: Uint8Array) => new Uint8Array(hkdfSync('sha256', master, utf8(organization), info, 32));
  const wrappingKey = async (tables: Tables) => under(await masterKey.of(tables));
  const context = (epoch: number) => `release key ${epoch}`;

  async function wrappedKey(tables: Tables, epoch: number): Promise<Uint8Array> {
    const wrapped = await tables.releaseKeys.wrappedPrivateKey(epoch);
    if (wrapped) return wrapped;
    const known = (await tables.releaseKeys.list()).some((key) => key.epoch === epoch);
    throw new LetterlockError(known ? 'key-destroyed' : 'input-invalid', `release key epoch ${epoch}`);
  }

  async function take(tables: Tables, epoch: number): Promise<Uint8Array> {
    await requireUsable(tables, { organization });
    return unwrapSecret(await wrappingKey(tables), await wrappedKey(tables, epoch), context(epoch));
  }

  return {
    take,
    async rotate(tables, site, now) {
      const epoch = Math.max(0, ...(await tables.releaseKeys.list()).map((key) => key.epoch)) + 1;
      const privateKey = generateSealingKey();
      const publicKey = toBase64url(sealingKey(privateKey).publicKey);
      const wrapped = wrapSecret(await wrappingKey(tables), privateKey, context(epoch));
      wipe(privateKey);
      await tables.releaseKeys.insert({ epoch, publicKey, created: now, destroyed: null, site }, wrapped);
      return epoch;
    },

    async current(tables, site) {
      const own = (await tables.releaseKeys.list()).filter((key) => key.site === site);
      const usable = own.findLast((key) => key.destroyed === null);
      if (!usable) throw new LetterlockError('key-destroyed', 'no release key is left');
      return usable;
    },

    async require(tables, epoch) {
      await wrappedKey(tables, epoch);
    },

    async open(tables, epoch) {
      const privateKey = await take(tables, epoch);
      try {
        return sealingKey(privateKey);
      } finally {
        wipe(privateKey);
      }
    },

    async rewrap(tables, master) {
      const [from, to] = [await wrappingKey(tables), under(master)];
      const left = (await tables.releaseKeys.list()).filter(({ destroyed }) => destroyed === null);
      for (const { epoch } of left) {
        const privateKey = unwrapSecret(from, await wrappedKey(tables, epoch), context(epoch));
        await tables.releaseKeys.rewrap(epoch, wrapSecret(to, privateKey, context(epoch)));
        wipe(privateKey);
      }
      return left.length;
    }
  };
}
