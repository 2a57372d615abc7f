import { type Command, Option } from 'commander';
import type { NodeState } from '../../src-preload/contract/index.ts';
import { callControl } from '../app/control-client.ts';
import { roleFolder } from '../app/role-folder.ts';
import { LetterlockError } from '../base/errors.ts';
import { globals } from './globals.ts';
import { print, table } from './report.ts';

/** `letterlock node leave|stay|members`: a machine that is to be taken out of service, and whom it sees. `node run` is in run.ts. */
export function addNodeCommands(program: Command): void {
  const node = program.commands.find((command) => command.name() === 'node') ?? program.command('node');
  const json = () => new Option('--json', 'machine-readable output');
  node
    .command('leave')
    .description('take no more jobs, and give those away that would be too rare without this node')
    .option('--seconds <n>', 'how long that may take', '60')
    .addOption(json())
    .action(leave);
  node.command('members').description('the other nodes as this one sees them').addOption(json()).action(members);
  node.command('stay').description('take jobs again').addOption(json()).action(stay);
}

const folderOf = (command: Command) => roleFolder(globals(command).data, 'node');

async function leave(options: { seconds: string; json?: boolean }, command: Command): Promise<void> {
  const seconds = Number(options.seconds);
  if (!Number.isInteger(seconds) || seconds < 1) throw new LetterlockError('input-invalid', '--seconds');
  const result = await callControl(folderOf(command), 'node.leave', { seconds });
  print(result, options.json === true, ({ made, left }: { made: number; left: number }) =>
    left === 0
      ? `${copies(made)} handed over. This node can be stopped.`
      : `${copies(made)} handed over, ${left === 1 ? 'one job still has' : `${left} jobs still have`} too few: no other awake node has room, or the time was up.`
  );
}

const copies = (made: number) => (made === 1 ? 'One replica was' : `${made} replicas were`);

async function members(options: { json?: boolean }, command: Command): Promise<void> {
  const state = await callControl(folderOf(command), 'node.state', {});
  print(state.members, options.json === true, (all: NodeState['members']) =>
    table(
      ['NODE', 'NAME', 'STATE', 'SINCE'],
      all.map(({ id, name, state: seen, since }) => [id, name, seen, since]),
      'No other node is known.'
    )
  );
}

async function stay(options: { json?: boolean }, command: Command): Promise<void> {
  await callControl(folderOf(command), 'node.stay', {});
  print({}, options.json === true, () => 'This node takes jobs again.');
}
