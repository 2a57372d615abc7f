import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { InstallationView } from '../../src-preload/contract/index.ts';
import { callControl } from '../app/control-client.ts';
import { roleFolder } from '../app/role-folder.ts';
import { LetterlockError } from '../base/errors.ts';
import { silentLogger } from '../base/logger.ts';
import { type Platform, planFor, platforms, thisPlatform } from '../os-printer/platform.ts';
import type { Plan } from '../os-printer/port.ts';
import { globals } from './globals.ts';
import { print } from './report.ts';

interface Options {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly platform?: string;
  readonly default?: boolean;
}

/** `letterlock printer`: the virtual printer in the print system of this computer. */
export function addPrinterCommands(program: Command): void {
  const printer = program.command('printer').description('the virtual printer in the print system of this computer');
  const common = (name: keyof Plan, description: string) =>
    printer
      .command(name)
      .description(description)
      .option('--dry-run', 'print what would be done, change nothing')
      .option('--platform <name>', `with --dry-run: ${platforms.join(', ')} (default: this one)`)
      .option('--json', 'machine-readable output');
  common('status', 'whether print dialogs show it').action(perform('status', status));
  common('install', 'add it, or repair it')
    .option('--default', "make it this user's default printer")
    .action(perform('install', install));
  common('remove', 'take it out and leave it out').action(perform('remove', remove));
}

type Action = (dataDir: string, options: Options) => Promise<InstallationView>;

const perform = (name: keyof Plan, act: Action) => async (options: Options, command: Command) => {
  const dataDir = roleFolder(globals(command).data, 'client');
  if (options.dryRun) return showPlan((await plan(dataDir, options))[name], options);
  if (options.platform) throw new LetterlockError('input-invalid', '--platform goes with --dry-run');
  print(await act(dataDir, options), options.json === true, forPeople);
};

const status: Action = async (dataDir) =>
  (await callControl(dataDir, 'client.state', {})).virtualPrinter.installation ?? { state: 'off', queue: 'Letterlock' };

const install: Action = (dataDir, options) =>
  callControl(dataDir, 'client.printer.install', { asDefault: options.default });

/** Works without a running client too: who uninstalls Letterlock has stopped it. */
const remove: Action = async (dataDir) => {
  try {
    return await callControl(dataDir, 'client.printer.remove', {});
  } catch (error) {
    if (!(error instanceof LetterlockError && error.code === 'engine-unreachable')) throw error;
  }
  const { openInstallation } = await import('../app/os-printer.ts');
  const installation = await openInstallation({
    dataDir,
    mode: 'off',
    port: 0,
    credentials: { user: '', password: '' },
    printers: () => [],
    paired: () => false,
    onChange: () => undefined,
    logger: silentLogger
  });
  return installation.remove().finally(() => installation.close());
};

async function plan(dataDir: string, options: Options): Promise<Plan> {
  const platform: Platform | null | undefined = options.platform
    ? platforms.find((known) => known === options.platform)
    : thisPlatform();
  if (!platform) throw new LetterlockError('input-invalid', `--platform: one of ${platforms.join(', ')}`);
  const state = await callControl(dataDir, 'client.state', {}).catch(() => null);
  const uri = state?.virtualPrinter.uri;
  return planFor(platform, {
    name: state?.virtualPrinter.installation?.queue ?? 'Letterlock',
    port: uri ? Number(new URL(uri).port) : 'PORT',
    owner: userInfo().username
  });
}

const showPlan = (lines: readonly string[], { json }: Options): void =>
  print({ commands: lines }, json === true, () => lines.join('\n'));

const forPeople = ({ state, queue, failure }: InstallationView): string =>
  `${queue}: ${words[state]}${failure ? `\n  ${failure.code}: ${failure.message}` : ''}`;

const words: Record<InstallationView['state'], string> = {
  installed: 'installed',
  missing: 'not installed',
  changed: 'installed, but for another address',
  unsupported: 'this computer has no print system that Letterlock can use',
  off: 'not wanted on this computer',
  failed: 'could not be installed'
};
