import { randomInt } from 'node:crypto';
import { systemClock } from '../base/clock.ts';
import { retry } from '../base/retry.ts';
import type { Member, StoreCluster } from '../coordinator/cluster/port.ts';
import type { Postgres } from './postgres.ts';
import { leaderKey, memberKey } from './postgres-lease.ts';

/**
 * Coordinators tell each other by LISTEN and NOTIFY, and know each other by locks that last as long as a connection: who waits for
 * somebody's lock learns of his end the moment it comes. Nothing here asks again and again.
 */
export const createCluster = (postgres: Postgres): Pick<StoreCluster, 'join' | 'lead'> => ({
  async join(member) {
    const closing = new AbortController();
    let connected = await joinOnce(postgres, member);
    const staying = (async () => {
      for (;;) {
        await connected.ended;
        member.down();
        connected = await again(() => joinOnce(postgres, member), closing.signal);
      }
    })().catch(() => {});
    return {
      async close() {
        closing.abort();
        await connected.end();
        await staying;
      }
    };
  },

  lead(begin) {
    const closing = new AbortController();
    const staying = (async () => {
      for (;;) await again(() => leadOnce(postgres, begin, closing.signal), closing.signal);
    })().catch(() => {});
    return {
      async close() {
        closing.abort();
        await staying;
      }
    };
  }
});

const noticeChannel = 'letterlock';
export const notify = `select pg_notify('${noticeChannel}', $1)`;

const again = <T>(attempt: () => Promise<T>, signal: AbortSignal) =>
  retry(attempt, { again: () => !signal.aborted, clock: systemClock, signal });

interface Patient {
  query(text: string): Promise<unknown>;
  readonly ended: Promise<void>;
  end(): Promise<void>;
}

async function joinOnce(postgres: Postgres, member: Member): Promise<Patient> {
  const self = randomInt(1, 2 ** 31);
  const connection = await patient(postgres, member.heard);
  await connection.query(`select pg_advisory_lock(${memberKey}, ${self})`);
  await connection.query(`listen ${noticeChannel}`);
  member.up(self, async (peer) => {
    const watch = await patient(postgres);
    void connection.ended.then(watch.end);
    await watch.query(`select pg_advisory_lock_shared(${memberKey}, ${peer})`).catch(() => {});
    await watch.end();
  });
  return connection;
}

/** Resolves when it does not lead any more. */
async function leadOnce(postgres: Postgres, begin: () => () => Promise<void>, signal: AbortSignal): Promise<void> {
  const connection = await patient(postgres);
  const stop = () => void connection.end();
  signal.addEventListener('abort', stop);
  try {
    if (signal.aborted) stop();
    await connection.query(`select pg_advisory_lock(${leaderKey})`);
    const end = begin();
    await connection.ended;
    await end();
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** A connection that waits for as long as it takes. */
async function patient(postgres: Postgres, heard: (text: string) => void = () => {}): Promise<Patient> {
  const client = await postgres.dedicated({ patient: true });
  const ended = new Promise<void>((resolve) => void client.once('end', () => resolve()));
  client.on('notification', ({ payload }) => heard(payload ?? ''));
  await client.query('set lock_timeout = 0');
  await client.query('set statement_timeout = 0');
  // A server that waits for a lock notices otherwise only afterwards that nobody is there any more. Not all platforms can.
  await client.query(`set client_connection_check_interval = '2s'`).catch(() => {});
  return {
    query: (text) => client.query(text),
    ended,
    async end() {
      await client.end().catch(() => {});
      await ended;
    }
  };
}
