import type { Command } from 'commander';
import { roles } from '../../src-preload/contract/index.ts';
import { callControl, watchControl } from '../app/control-client.ts';
import { roleFolder } from '../app/role-folder.ts';
import { LetterlockError } from '../base/errors.ts';
import { globals } from './globals.ts';

/** `letterlock state`: all that a running role knows of itself, as JSON; with `--watch` again at each change. */
export function addStateCommand(program: Command): void {
  program
    .command('state')
    .description('what a running role of this machine knows, as JSON')
    .requiredOption('--role <role>', roles.join(', '))
    .option('--watch', 'again at each change, until stopped')
    .option('--json', 'always the case; accepted for uniformity')
    .action(async (options: { role: string; watch?: boolean }, command: Command) => {
      const role = roles.find((known) => known === options.role);
      if (!role) throw new LetterlockError('input-invalid', `--role: one of ${roles.join(', ')}`);
      const folder = roleFolder(globals(command).data, role);
      const show = (state: unknown) => process.stdout.write(`${JSON.stringify(state)}\n`);
      if (!options.watch) return void show(await callControl(folder, `${role}.state`, {}));
      for await (const state of watchControl(folder, `${role}.state`)) show(state);
    });
}
