import { CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import { LetterlockError } from '../base/errors.ts';
import type { CoordinatorStore, CopiedRow, StoreCopy, Tables } from '../coordinator/store.ts';
import { tablesOf } from './coordinator-store.ts';
import { copyStore, fillStore, type ReadTable } from './copy.ts';
import { migrate } from './migrate.ts';
import { createPostgres } from './postgres.ts';
import { createCluster, notify } from './postgres-cluster.ts';
import { postgresConfig } from './postgres-config.ts';
import { createExclusive, turnsAtOnce } from './postgres-exclusive.ts';
import { createLease, transactionKey } from './postgres-lease.ts';
import { postgresSql } from './postgres-sql.ts';
import type { Schema } from './schema.ts';

/**
 * The coordinator's database on a PostgreSQL server, brought up to date. Throws `input-invalid` for an address that is none,
 * `database-unreachable`, and `conflict` while it is filled, or has to be brought up to date and others use it.
 *
 * Transactions go strictly one after the other, as in the embedded database, also those of several coordinators: each takes one
 * lock first. Every act adds to the one audit chain, so there is nothing to gain from letting two begin, and nothing that could
 * come out in another order.
 */
export async function openPostgresStore(
  url: string,
  { password, now = Date.now() }: PostgresOptions = {}
): Promise<CoordinatorStore> {
  const { db, postgres, lease, turns, use, close } = await connect(url, password);
  try {
    await migrate(db, { now, translate: postgresSql, shared: use === 'shared' });
    if (use === 'alone') await lease.share();
  } catch (error) {
    await close();
    throw error;
  }

  const inTurn = createTurns();
  let keyDestroyed = false;
  function watchedTables(connection: Kysely<Schema>): Tables {
    const tables = tablesOf(connection);
    const destroy: typeof tables.releaseKeys.destroy = (epoch, at) => {
      keyDestroyed = true;
      return tables.releaseKeys.destroy(epoch, at);
    };
    const send = async (text: string) => void (await connection.executeQuery(CompiledQuery.raw(notify, [text])));
    return { ...tables, releaseKeys: { ...tables.releaseKeys, destroy }, notices: { send } };
  }

  const lock = CompiledQuery.raw(`select pg_advisory_xact_lock(${transactionKey})`);
  const transaction: CoordinatorStore['transaction'] = (run) =>
    inTurn(async () => {
      await lease.hold();
      return db.transaction().execute(async (connection) => {
        await connection.executeQuery(lock);
        return run(watchedTables(connection));
      });
    });

  return {
    tables: watchedTables(db),
    transaction,
    async scrub() {
      if (!keyDestroyed) return;
      keyDestroyed = false;
      try {
        // Written anew into another file; the old one, with what was deleted, is removed.
        await db.executeQuery(CompiledQuery.raw('vacuum (full) release_key_secret'));
      } catch (error) {
        keyDestroyed = true;
        throw error;
      }
    },
    copy: (use) =>
      db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute((connection) => copyStore(connection, readTable, use)),
    cluster: { ...createCluster(postgres), exclusively: createExclusive(turns) },
    close
  };
}

/** Makes an empty database one of a backup's rows. */
export async function fillPostgresStore(
  url: string,
  copy: StoreCopy,
  { password, now = Date.now() }: PostgresOptions = {}
): Promise<void> {
  const { db, use, close } = await connect(url, password);
  try {
    if (use === 'shared') throw new LetterlockError('conflict', 'a coordinator uses this database');
    await fillStore(db, copy, { now, translate: postgresSql });
  } finally {
    await close();
  }
}

export interface PostgresOptions {
  readonly password?: string | undefined;
  readonly now?: number;
}

async function connect(url: string, password: string | undefined) {
  const config = await postgresConfig(url, password);
  const postgres = createPostgres(config);
  const turns = createPostgres(config, turnsAtOnce);
  const lease = createLease(postgres);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: postgres }) });
  const close = async () => {
    await Promise.all([db.destroy(), turns.end()]);
    await lease.release();
  };
  try {
    const use = await lease.take();
    return { db, postgres, lease, turns, use, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const readTable: ReadTable = async function* (db, table, pageSize) {
  await sql`declare copied no scroll cursor for select * from ${sql.table(table)}`.execute(db);
  const fetch = sql<CopiedRow['row']>`fetch ${sql.lit(pageSize)} from copied`;
  for (let page = await fetch.execute(db); page.rows.length > 0; page = await fetch.execute(db)) yield page.rows;
  await sql`close copied`.execute(db);
};

/** Runs one after the other, so that what waits its turn holds no connection. */
function createTurns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(run: () => Promise<T>): Promise<T> => {
    const mine = last.then(run);
    last = mine.catch(() => undefined);
    return mine;
  };
}
