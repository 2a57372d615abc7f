import type { SqliteDatabase } from 'kysely';
import Libsql from 'libsql';
import { LetterlockError } from '../base/errors.ts';

/**
 * The embedded database (libsql) as kysely's SqliteDialect wants it. libsql ends the whole process when it is given a
 * boolean, a Date or an object to bind, so every value is looked at here, and values always go in as one array.
 * Bytes come back as Uint8Array. What SQLite says is wrong becomes a coded error; its message stays private.
 */
export interface Sqlite extends SqliteDatabase {
  /** Empties the write-ahead log into the main file, so that what was deleted (and zeroed) is in neither. */
  checkpoint(): void;
}

/** Opens or creates `file`. Throws `storage-damaged` when it is no database, `storage-full` when there is no room. */
export function openSqlite(file: string): Sqlite {
  return coded(() => {
    const database = new Libsql(file);
    for (const pragma of pragmas) database.pragma(pragma);
    return {
      prepare(text) {
        const statement = coded(() => database.prepare(text));
        return {
          reader: (statement as unknown as { reader: boolean }).reader,
          all: (values) => coded(() => (statement.all(bindable(values)) as object[]).map(row)),
          run: (values) => coded(() => statement.run(bindable(values))),
          iterate: () => {
            throw new TypeError('rows are read page by page');
          }
        };
      },
      checkpoint: () => void coded(() => database.pragma('wal_checkpoint(TRUNCATE)')),
      close: () => void coded(() => database.close())
    };
  });
}

const pragmas = [
  'journal_mode=WAL',
  // A commit is on the disk when it returns.
  'synchronous=FULL',
  'foreign_keys=ON',
  // Deleted content is overwritten with zeros.
  'secure_delete=ON',
  'busy_timeout=5000',
  'temp_store=MEMORY'
];

function bindable(values: readonly unknown[]): unknown[] {
  for (const value of values) {
    const fine =
      value === null ||
      typeof value === 'string' ||
      (typeof value === 'number' && Number.isFinite(value)) ||
      value instanceof Uint8Array;
    if (!fine) throw new TypeError(`cannot be bound: ${typeof value}`);
  }
  return [...values];
}

function row(raw: object): object {
  for (const [name, value] of Object.entries(raw))
    if (value instanceof ArrayBuffer) Object.assign(raw, { [name]: new Uint8Array(value) });
  return raw;
}

function coded<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    const code = (cause as { code?: unknown }).code;
    if (code === 'SQLITE_FULL') throw new LetterlockError('storage-full', undefined, { cause });
    if (typeof code === 'string' && damage.test(code))
      throw new LetterlockError('storage-damaged', 'database', { cause });
    throw cause;
  }
}

const damage = /^SQLITE_(CORRUPT|NOTADB)/;
