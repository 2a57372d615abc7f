import type { Command } from 'commander';
import { type PairingView, roles } from '../../src-preload/contract/index.ts';
import { callControl, watchControl } from '../app/control-client.ts';
import { roleFolder } from '../app/role-folder.ts';
import { fromFailure, LetterlockError } from '../base/errors.ts';
import { globals } from './globals.ts';
import { readSecret } from './input.ts';

interface PairOptions {
  readonly role: string;
  readonly coordinator?: string;
  readonly token?: string;
  readonly name?: string;
  readonly json?: boolean;
}

/** `letterlock pair`: pairs a role that runs on this machine; shows the code to compare and waits for the administrator. */
export function addPairCommand(program: Command): void {
  program
    .command('pair')
    .description('pair a running role of this machine with its organization')
    .requiredOption('--role <role>', roles.join(', '))
    .option('--coordinator <host:port>', 'pairing listener of the coordinator')
    .option('--token <source>', 'enrollment token: "-" for standard input, or @FILE')
    .option('--name <name>', 'name of this machine as administrators see it')
    .option('--json', 'one line of JSON for each change')
    .action(pair);
}

async function pair(options: PairOptions, command: Command): Promise<void> {
  const role = roles.find((known) => known === options.role);
  if (!role) throw new LetterlockError('input-invalid', `--role: one of ${roles.join(', ')}`);
  const dataDir = roleFolder(globals(command).data, role);
  const token = options.token === undefined ? undefined : await readSecret(options.token, 'token');
  const changes = watchControl(dataDir, `${role}.state`);
  try {
    await changes.next(); // the present state: listening before anything can happen
    await callControl(dataDir, 'pairing.begin', { coordinator: options.coordinator, token, name: options.name });
    let shown = '';
    for await (const { pairing } of changes) {
      const line = describe(pairing, options.json === true);
      if (line !== shown) process.stdout.write(`${line}\n`);
      shown = line;
      if (pairing.state === 'paired') return;
      if (pairing.state === 'unpaired') throw fromFailure(pairing.failure ?? canceled);
    }
  } finally {
    await changes.return(undefined);
  }
}

const canceled = { code: 'conflict', detail: 'pairing was canceled' };

function describe(pairing: PairingView, json: boolean): string {
  if (json) return JSON.stringify(pairing);
  switch (pairing.state) {
    case 'pairing':
      return pairing.code
        ? `Code: ${pairing.code}\nCompare it with the one on your administrator's screen. Waiting for approval…`
        : 'Asking the coordinator…';
    case 'paired':
      return `Paired with ${pairing.organization}.`;
    case 'unpaired':
      return 'Not paired.';
  }
}
