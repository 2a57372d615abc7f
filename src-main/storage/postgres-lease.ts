import { LetterlockError } from '../base/errors.ts';
import type { Postgres } from './postgres.ts';

/**
 * Who uses the database: coordinators share it, whoever brings it up to date or fills it has it alone. A lock that lasts as long
 * as a connection, so that it is free at once when its holder dies.
 */
export interface Lease {
  /** Alone if nobody else is there, otherwise shared. Returns which. Throws `conflict` when somebody else has it alone. */
  take(): Promise<'alone' | 'shared'>;
  /** Others may come in. */
  share(): Promise<void>;
  /** Sees that it is still held, takes a share again after a lost connection. Throws `conflict`. */
  hold(): Promise<void>;
  release(): Promise<void>;
}

export function createLease(postgres: Postgres): Lease {
  type Client = Awaited<ReturnType<Postgres['dedicated']>>;
  let held: Client | undefined;

  /** Waits a moment for whoever has it alone: who brings it up to date is soon done. */
  async function connect(wish: 'alone' | 'shared'): Promise<'alone' | 'shared'> {
    const client = await postgres.dedicated();
    client.once('end', () => {
      if (held === client) held = undefined;
    });
    const { rows } = await client.query<{ mine: boolean }>(
      wish === 'alone' ? `select pg_try_advisory_lock(${leaseKey}) as mine` : 'select false as mine'
    );
    const isAlone = rows[0]?.mine === true;
    try {
      if (!isAlone) {
        await client.query(`set lock_timeout = ${patienceMs}`);
        await client.query(`select pg_advisory_lock_shared(${leaseKey})`);
      }
    } catch (cause) {
      await client.end();
      throw new LetterlockError('conflict', 'the database is in use', { cause });
    }
    held = client;
    return isAlone ? 'alone' : 'shared';
  }

  return {
    take: () => connect('alone'),
    async share() {
      if (held) await held.query(`select pg_advisory_lock_shared(${leaseKey}), pg_advisory_unlock(${leaseKey})`);
    },
    async hold() {
      if (!held) await connect('shared');
    },
    async release() {
      await held?.end();
    }
  };
}

const patienceMs = 5_000;

/** Keys of PostgreSQL's advisory locks are numbers of the whole database; these are ours. "LTRL" and a number. */
const leaseKey = 0x4c54524c_0001;
export const transactionKey = 0x4c54524c_0002;
export const leaderKey = 0x4c54524c_0003;
/** Keys of two numbers are kept apart from those of one: this, and the number that a coordinator goes by. */
export const memberKey = 0x4c54524c;
/** As those: this, and what is done exclusively. */
export const turnKey = 0x4c54524d;
