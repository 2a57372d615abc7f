import { LetterlockError } from '../base/errors.ts';
import type { Postgres } from './postgres.ts';

/**
 * One coordinator at a time over one database: a lock that lasts as long as a connection, so that it is free at once when its
 * holder dies. It keeps a second one from starting; what happens in a transaction is kept apart by a lock in the transaction.
 */
export interface Lease {
  /** Takes it, or sees that it is still held; takes it again after a lost connection. Throws `conflict`. */
  hold(): Promise<void>;
  release(): Promise<void>;
}

export function createLease(postgres: Postgres): Lease {
  let held: { readonly end: () => Promise<void> } | undefined;

  async function take() {
    const client = await postgres.dedicated();
    const { rows } = await client.query<{ mine: boolean }>(`select pg_try_advisory_lock(${leaseKey}) as mine`);
    if (!rows[0]?.mine) {
      await client.end();
      throw new LetterlockError('conflict', 'another coordinator uses this database');
    }
    const mine = { end: () => client.end() };
    client.once('end', () => {
      if (held === mine) held = undefined;
    });
    held = mine;
  }

  return {
    async hold() {
      if (!held) await take();
    },
    async release() {
      await held?.end();
    }
  };
}

/** Keys of PostgreSQL's advisory locks are numbers of the whole database; these are ours. "LTRL" and a number. */
const leaseKey = 0x4c54524c_0001;
export const transactionKey = 0x4c54524c_0002;
