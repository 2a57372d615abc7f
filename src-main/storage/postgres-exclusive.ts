import { createHash } from 'node:crypto';
import type { StoreCluster } from '../coordinator/cluster/port.ts';
import type { Postgres } from './postgres.ts';
import { turnKey } from './postgres-lease.ts';

/** So much is done exclusively at once by one coordinator; what is done is the checking of passwords, which takes processors. */
export const turnsAtOnce = 4;

/**
 * Turns across coordinators, by locks that end with the connection that holds them. `turns` are connections of their own: what runs
 * in a turn needs the others, so neither waits for the other in a ring. Two keys may share a number; then they share turns.
 */
export const createExclusive =
  (turns: Postgres): StoreCluster['exclusively'] =>
  async (keys, run) => {
    const client = await turns.connect();
    try {
      // Everybody in the same order: nobody waits for who waits for him.
      for (const number of numbersOf(keys)) await client.query('select pg_advisory_lock($1, $2)', [turnKey, number]);
      return await run();
    } finally {
      // A connection that is lost has given them back.
      await client.query('select pg_advisory_unlock_all()', []).catch(() => {});
      client.release();
    }
  };

const numbersOf = (keys: readonly string[]): number[] =>
  [...new Set(keys.map((key) => createHash('sha256').update(key).digest().readInt32BE(0)))].sort((a, b) => a - b);
