import type { PostgresPool } from 'kysely';
import pg from 'pg';
import { LetterlockError } from '../base/errors.ts';

/**
 * A PostgreSQL server as kysely's PostgresDialect wants it. Numbers and bytes come back as from SQLite; what goes wrong becomes a
 * coded error, without the values that the server likes to quote.
 */
export interface Postgres extends PostgresPool {
  /** One more connection, beside the pool, for what lasts as long as a connection does. Patient: no answer is too late. */
  dedicated(options?: { readonly patient: boolean }): Promise<pg.Client>;
}

export function createPostgres(config: pg.PoolConfig, connections = transactionsAndReads): Postgres {
  const typed = { ...config, types: { getTypeParser } };
  const pool = new pg.Pool({ ...typed, max: connections });
  // The pool replaces what is lost; whoever uses a connection is told by what he asked.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    async connect() {
      const client = await coded(pool.connect());
      let usable = true;
      return {
        query: (text: unknown, values?: readonly unknown[]) => {
          if (typeof text !== 'string') throw new TypeError('rows are read page by page');
          const answer = coded(client.query(text, [...(values ?? [])]));
          answer.catch((error) => {
            usable &&= !isUnreachable(error);
          });
          return answer as never;
        },
        release: () => client.release(!usable)
      };
    },
    async dedicated({ patient } = { patient: false }) {
      const client = new pg.Client(patient ? { ...typed, query_timeout: 0 } : typed);
      client.on('error', () => {});
      await coded(client.connect());
      return client;
    },
    end: () => pool.end()
  };
}

/** Transactions go one by one; the others are for reading beside them. */
const transactionsAndReads = 8;

const int8 = 20;
const bytea = 17;

function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === int8) return wholeNumber;
  if (oid === bytea) return (text: string) => new Uint8Array(Buffer.from(text.slice(2), 'hex'));
  return pg.types.getTypeParser(oid, format);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new TypeError('a number in the database is too large');
  return value;
}

async function coded<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = 'code' in error ? String(error.code) : '';
    // "Key (name_key)=(ada) already exists": nothing for a log.
    const cause = Object.assign(error, { detail: undefined, where: undefined });
    if (code === diskFull) throw new LetterlockError('storage-full', undefined, { cause });
    if (damaged.test(code)) throw new LetterlockError('storage-damaged', 'database', { cause });
    if (!(error instanceof pg.DatabaseError) || away.test(code))
      throw new LetterlockError('database-unreachable', code || undefined, { cause });
    throw error;
  }
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof LetterlockError && error.code === 'database-unreachable';

/** PostgreSQL, appendix A. */
const diskFull = '53100';
const damaged = /^XX00[12]/;
/** Connection lost or refused, no such user or database, too slow, too many, shutting down. */
const away = /^(08|28|3D|53[023]|55P03|57|25P03)/;
