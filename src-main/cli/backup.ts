import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { roleFolder } from '../app/role-folder.ts';
import { LetterlockError } from '../base/errors.ts';
import { createLogger } from '../base/logger.ts';
import { calling } from './admin-call.ts';
import { databaseFrom, databaseOptions } from './database.ts';
import { globals } from './globals.ts';
import { readSecret } from './input.ts';
import { print } from './report.ts';

const passphrase = ['--passphrase <source>', '"-" reads it from standard input, @FILE from a file', '-'] as const;

/** `letterlock admin backup create FILE`: of the coordinator that runs on this machine. */
export function addBackupCommands(backup: Command): void {
  calling(
    backup.command('create <file>').option(...passphrase),
    'admin.backup.create',
    async ([file = ''], options) => ({
      path: resolve(file),
      passphrase: await readSecret(String(options.passphrase), 'passphrase')
    }),
    ({ id, bytes }) => `Backup ${id}: ${bytes} bytes. Keep it and its passphrase apart.`
  );
}

interface RestoreOptions {
  readonly passphrase: string;
  readonly database?: string;
  readonly databasePassword?: string;
  readonly json?: boolean;
}

/** `letterlock coordinator restore FILE`: into a data folder that is empty, before the coordinator runs. */
export function addRestoreCommand(program: Command): void {
  const restore = program.commands
    .find((command) => command.name() === 'coordinator')
    ?.command('restore <file>')
    .description('make this machine the coordinator again, from a backup');
  if (!restore) throw new TypeError('the coordinator’s commands come first');
  databaseOptions(restore)
    .option(...passphrase)
    .option('--json', 'machine-readable output');
  restore.action(async (file: string, options: RestoreOptions) => {
    if (options.passphrase === '-' && options.databasePassword === '-')
      throw new LetterlockError('input-invalid', 'only one secret can come from standard input');
    const { restoreCoordinator } = await import('../app/restore-coordinator.ts');
    const report = await restoreCoordinator({
      dataDir: roleFolder(globals(restore).data, 'coordinator'),
      sealed: createReadStream(file),
      passphrase: await readSecret(options.passphrase, 'passphrase'),
      database: await databaseFrom(options),
      logger: createLogger({ name: 'coordinator', level: 'warn' })
    });
    print(report, options.json === true, ({ name, created, doubtful }) =>
      [
        `${name} as it was at ${created}.`,
        `${doubtful} jobs may have been printed since: their owners are asked before they are printed again.`,
        'Do again what was withdrawn since then: devices, users, printers, release keys. Tokens have to be made anew.'
      ].join('\n')
    );
  });
}
