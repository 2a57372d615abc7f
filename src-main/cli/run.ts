import { type Command, Option } from 'commander';
import { roles } from '../../src-preload/contract/index.ts';
import type { ComposeOptions } from '../app/compose.ts';
import { type OsPrinterMode, osPrinterModes } from '../app/os-printer-mode.ts';
import type { ServiceRole } from '../app/role-folder.ts';
import { LetterlockError } from '../base/errors.ts';
import { createLogger } from '../base/logger.ts';
import { plainSecrets } from '../identity/safe-secret.ts';
import { databaseFrom, databaseOptions } from './database.ts';
import { globals } from './globals.ts';

interface RunOptions {
  readonly host?: string;
  readonly port?: string;
  readonly name?: string;
  readonly idleSeconds?: string;
  readonly organization?: string;
  readonly pairingPort?: string;
  readonly webPort?: string;
  readonly database?: string;
  readonly databasePassword?: string;
  readonly pagesDir?: string;
  readonly stampThread?: string;
  readonly peer?: readonly string[];
  readonly discovery?: boolean;
  readonly log?: string;
  readonly exitWithParent?: boolean;
  readonly osPrinter?: OsPrinterMode;
  readonly admitPrintSystem?: boolean;
  readonly sharePrinter?: boolean;
  readonly sharePort?: string;
  readonly shareName?: string;
  readonly failureDomain?: string;
}

/** Where the parts of the built program lie that are no modules of it. */
export interface BuiltParts {
  /** The pages, for the coordinator's browsers. */
  readonly pagesDir: string;
  /** The thread that stamps watermarks, for nodes. */
  readonly stampThread: string;
}

/** `letterlock coordinator|node|client|station run`: runs a role headless until SIGTERM or SIGINT. */
export function addRunCommands(program: Command, { pagesDir, stampThread }: BuiltParts): void {
  for (const role of roles)
    common(program, role).action((options, command) => run(role, { ...options, stampThread }, command));
  databaseOptions(common(program, 'coordinator'))
    .option('--organization <name>', 'name of the organization, at the first start', 'My organization')
    .option('--pairing-port <port>', 'port of the pairing listener')
    .option('--web-port <port>', 'port of the administrator listener')
    .action((options, command) => run('coordinator', { ...options, pagesDir }, command));
}

function common(program: Command, role: ServiceRole): Command {
  const run = program
    .command(role)
    .description(descriptions[role])
    .command('run')
    .description('run until stopped; prints one line of JSON when ready')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on (default: any free one at first, then the same)')
    .option('--name <name>', 'name of this machine as administrators see it')
    .option('--log <level>', 'debug, info, warn or error', 'info')
    .option('--exit-with-parent', 'stop when standard input closes');
  if (role === 'station') run.option('--idle-seconds <n>', 'sign out after this long without a touch', '60');
  if (role === 'client')
    run
      .option('--admit-print-system', 'let CUPS print without credentials, for queues made by hand (see the guide)')
      .addOption(
        new Option('--os-printer <mode>', 'whether it adds its printer to the print system of this computer by itself')
          .choices(osPrinterModes)
          .default('off')
      );
  if (role === 'node')
    run
      .option(
        '--share-printer',
        'let users of the organization print here with name and PIN, where the policy allows it'
      )
      .option('--share-port <port>', 'its port (default: any free one at first, then the same)')
      .option('--share-name <name>', 'its name in the lists of phones and laptops')
      .option('--peer <url>', 'https://host:port of another node; may be given again', nodeUrls)
      .option('--no-discovery', 'neither announce this node on the network nor look for others there')
      .option('--failure-domain <name>', 'machines with the same one fail together: a room, a power circuit, a host');
  return run;
}

const descriptions: Record<ServiceRole, string> = {
  coordinator: 'identities, approvals, keys, grants and audit; never sees a document',
  node: 'keeps sealed jobs and delivers released ones',
  client: 'virtual printer that seals what is printed',
  station: 'release station beside a printer'
};

async function run(role: ServiceRole, options: RunOptions, command: Command): Promise<void> {
  const logger = createLogger({ name: role, level: options.log ?? 'info' });
  const port = number(options.port);
  const compose: ComposeOptions = {
    role,
    dataRoot: globals(command).data,
    name: options.name,
    host: options.host,
    port,
    idleSeconds: number(options.idleSeconds),
    secrets: plainSecrets,
    logger,
    printer: { osPrinter: options.osPrinter ?? 'off', admitPrintSystem: options.admitPrintSystem === true },
    share: options.sharePrinter ? { port: number(options.sharePort), name: options.shareName } : undefined,
    failureDomain: options.failureDomain,
    peers: options.peer,
    discovery: options.discovery,
    stampThread: options.stampThread,
    coordinator: {
      organizationName: options.organization ?? 'My organization',
      host: options.host ?? '127.0.0.1',
      pagesDir: options.pagesDir,
      database: await databaseFrom(options),
      ports: {
        ...optional('device', port),
        ...optional('pairing', number(options.pairingPort)),
        ...optional('web', number(options.webPort))
      }
    }
  };
  // Loaded for this alone: every other command is a small program that talks to a running engine.
  const { startEngine } = await import('../app/compose.ts');
  const engine = await startEngine(compose);
  const stopped = stopSignal(options.exitWithParent === true);
  process.stdout.write(`${JSON.stringify(engine.ready)}\n`);
  logger.info({ reason: await stopped }, 'stopping');
  await engine.stop();
  process.exit(0);
}

function nodeUrls(url: string, before: readonly string[] = []): readonly string[] {
  if (!/^https:\/\/[^/?#@\s]+$/.test(url) || !URL.canParse(url)) throw new LetterlockError('input-invalid', '--peer');
  return [...before, url];
}
const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
const optional = <K extends string>(key: K, value: number | undefined) =>
  (value === undefined ? {} : { [key]: value }) as Partial<Record<K, number>>;

function stopSignal(exitWithParent: boolean): Promise<string> {
  return new Promise((stop) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal));
    if (exitWithParent) process.stdin.once('close', () => stop('standard input closed')).resume();
  });
}
