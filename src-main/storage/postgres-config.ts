import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { PoolConfig } from 'pg';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';

/**
 * How to reach the database server, from `postgres://user@host:port/database`. A password never stands in it: the command line
 * is everybody's to read. Other machines are spoken to over TLS only, and must show a certificate for their name; on this
 * machine (loopback, or a socket's folder as `?host=/var/run/postgresql`) there is nobody in between.
 */
export async function postgresConfig(url: string, password: string | undefined): Promise<PoolConfig> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol)) throw refused('postgres://user@host/database is wanted');
  if (parsed.password) throw refused('the password does not belong in the address');
  const { host: folder, sslrootcert, ...unknown } = Object.fromEntries(parsed.searchParams);
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) throw refused(`unknown option ${stranger}`);
  const host = folder ?? parsed.hostname.replace(/^\[|\]$/g, '');
  const database = decodeURIComponent(parsed.pathname.slice(1));
  if (!host || !database) throw refused('host and database are wanted');
  if (folder !== undefined && !folder.startsWith('/')) throw refused('host: a folder');

  return {
    host,
    database,
    ...(parsed.port ? { port: Number(parsed.port) } : {}),
    ...(parsed.username ? { user: decodeURIComponent(parsed.username) } : {}),
    ...(password === undefined ? {} : { password }),
    ssl: isHere(host) ? false : { host, ...(sslrootcert ? { ca: await readFile(sslrootcert, 'utf8') } : {}) },
    application_name: 'letterlock',
    keepAlive: true,
    connectionTimeoutMillis: limits.connectSeconds * 1000,
    query_timeout: 2 * seconds,
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' ')
  };
}

const seconds = limits.databaseSeconds * 1000;

const settings = {
  // A commit is on the server's disk when it returns, whatever the server's own default is.
  synchronous_commit: 'on',
  default_transaction_isolation: 'read\\ committed',
  statement_timeout: seconds,
  lock_timeout: seconds,
  // A coordinator that hangs or vanishes in the middle of a transaction gives its locks back.
  idle_in_transaction_session_timeout: seconds,
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 3
};

const isHere = (host: string): boolean =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

const refused = (why: string) => new LetterlockError('input-invalid', `--database: ${why}`);
