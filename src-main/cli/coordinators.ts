import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { roleFolder } from '../app/role-folder.ts';
import { calling, done, listing } from './admin-call.ts';
import { globals } from './globals.ts';
import { readSecret } from './input.ts';
import { print, table } from './report.ts';

const passphrase = ['--passphrase <source>', '"-" reads it from standard input, @FILE from a file', '-'] as const;

/** `letterlock admin coordinator list|remove|bundle`. */
export function addCoordinatorCommands(coordinator: Command): void {
  listing(coordinator.command('list').description('where they listen'), 'admin.coordinator.list', (all) =>
    table(
      ['DEVICES', 'PAIRING', 'CONSOLE', 'SINCE'],
      all.map((one) => [one.url, one.pairingUrl, one.webUrl, one.since]),
      'One coordinator, with a database of its own.'
    )
  );
  calling(
    coordinator.command('remove <url>').description('machines do not look for it any more'),
    'admin.coordinator.remove',
    ([url]) => ({ url }),
    done
  );
  calling(
    coordinator
      .command('bundle <file>')
      .description('the keys for one more coordinator, sealed to a passphrase')
      .option(...passphrase),
    'admin.coordinator.bundle',
    async ([file = ''], options) => ({
      path: resolve(file),
      passphrase: await readSecret(String(options.passphrase), 'passphrase')
    }),
    () => 'Take it to the other machine, "letterlock coordinator join" there, then erase it.'
  );
}

/** `letterlock coordinator join FILE`: in a data folder that is empty, before the coordinator runs there. */
export function addJoinCommand(program: Command): void {
  const join = program.commands
    .find((command) => command.name() === 'coordinator')
    ?.command('join <file>')
    .description('make this machine one more coordinator of an organization, with a bundle of its keys');
  if (!join) throw new TypeError('the coordinator’s commands come first');
  join.option(...passphrase).option('--json', 'machine-readable output');
  join.action(async (file: string, options: { readonly passphrase: string; readonly json?: boolean }) => {
    const { joinCoordinator } = await import('../app/join-coordinator.ts');
    const organization = await joinCoordinator({
      dataDir: roleFolder(globals(join).data, 'coordinator'),
      sealed: createReadStream(file),
      passphrase: await readSecret(options.passphrase, 'passphrase')
    });
    print(organization, options.json === true, ({ name }) =>
      [
        `This machine has the keys of ${name}. Erase the bundle.`,
        'Now run the coordinator with the same --database as the others, and a --host that machines can reach.'
      ].join('\n')
    );
  });
}
