import type { JobId } from '../../src-preload/contract/ids.ts';
import { utf8 } from '../base/bytes.ts';
import { type Sealed, sealTo } from '../identity/hpke.ts';
import type { SealingKey } from '../identity/keys.ts';

/** Titles rest sealed to the device's own key, also on the machine that printed; readable only in memory, for the window. */
export const sealTitle = (key: SealingKey, job: JobId, title: string): Promise<Sealed> =>
  sealTo(key.publicKey, utf8(title), context(job));

/** Throws `seal-broken`. */
export async function openTitle(key: SealingKey, job: JobId, sealed: Sealed): Promise<string> {
  return Buffer.from(await key.open(sealed, context(job))).toString('utf8');
}

const context = (job: JobId) => ({ info: utf8('letterlock/v1/local-title'), aad: utf8(job) });
