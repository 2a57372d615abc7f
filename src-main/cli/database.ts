import type { Command } from 'commander';
import type { DatabaseOptions } from '../app/coordinator-role.ts';
import { readSecret } from './input.ts';

/** Where a coordinator keeps its database. */
export const databaseOptions = (command: Command): Command =>
  command
    .option(
      '--database <url>',
      'postgres://user@host/database instead of a file in the data folder; see the guide for TLS and sockets'
    )
    .option('--database-password <source>', '"-" reads it from standard input, @FILE from a file (or PGPASSWORD)');

export async function databaseFrom(options: {
  readonly database?: string;
  readonly databasePassword?: string;
}): Promise<DatabaseOptions | undefined> {
  const { database: url, databasePassword: source } = options;
  if (url === undefined) return undefined;
  return { url, password: source === undefined ? undefined : await readSecret(source, 'database-password') };
}
