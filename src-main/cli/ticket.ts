import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import encodeQR from 'qr';
import type { TicketView } from '../../src-preload/contract/index.ts';
import { callControl } from '../app/control-client.ts';
import { roleFolder } from '../app/role-folder.ts';
import { LetterlockError } from '../base/errors.ts';
import { globals } from './globals.ts';
import { readSecret } from './input.ts';
import { jobId } from './jobs.ts';
import { print } from './report.ts';

/** `ticket`: what prints documents in strict custody while this computer is off. Shown on the terminal, or in a file of its own. */
export function addTicketCommand(program: Command): void {
  program
    .command('ticket <job...>')
    .description('take a ticket for a held job in strict custody: it prints at a station while this computer is off')
    .option('--user <name>', 'whose job it is (default: the user of this machine)')
    .requiredOption('--pin <source>', '"-" reads the PIN from standard input, @FILE from a file')
    .option('--svg <file>', 'write the picture to this new file, readable by you alone (one job)')
    .addOption(new Option('--json', 'machine-readable output: the text of the ticket, a secret'))
    .action(ticket);
}

async function ticket(
  jobs: string[],
  options: { user?: string; pin: string; svg?: string; json?: boolean },
  command: Command
): Promise<void> {
  const ids = jobs.map(jobId);
  if (options.svg !== undefined && ids.length > 1) throw new LetterlockError('input-invalid', '--svg: one job');
  const folder = roleFolder(globals(command).data, 'client');
  const pin = await readSecret(options.pin, 'pin');
  const as = options.user === undefined ? {} : { user: options.user };
  const taken: TicketView[] = [];
  for (const job of ids) taken.push(await callControl(folder, 'client.ticket', { job, pin, ...as }));
  if (options.svg !== undefined) {
    await save(options.svg, svgOf(taken[0]?.text ?? ''));
    const written = taken.map(({ job, expires }) => ({ job, expires, file: options.svg }));
    return print(written, options.json === true, () => `Written to ${options.svg}.\n${whatItIs(taken)}`);
  }
  print(taken, options.json === true, () => `${taken.map(pictured).join('\n')}\n${whatItIs(taken)}`);
}

const pictured = ({ job, text }: TicketView) => `${job}\n${blocksOf(text)}`;
const whatItIs = ([first]: readonly TicketView[]) =>
  `Sign in at a station and hold it to the scanner. Whoever has it and can sign in as you can print the document.\nIt works until ${first?.expires}, or until the document is printed or canceled. Delete it afterwards.`;

async function save(file: string, svg: string): Promise<void> {
  await writeFile(file, svg, { flag: 'wx', mode: 0o600 }).catch((cause: NodeJS.ErrnoException) => {
    throw new LetterlockError(cause.code === 'EEXIST' ? 'conflict' : 'not-found', file, { cause });
  });
}

/** For a terminal, two rows in a line: light blocks on black, whatever its own colours are. Exported for its test. */
export const blocksOf = (text: string): string =>
  encodeQR(text, 'ascii', { ecc: 'medium', border: 4 })
    .trimEnd()
    .split('\n')
    .map((line) => `\u001b[97;40m${line}\u001b[0m`)
    .join('\n');

/** Dark on white, on whatever it is shown. Exported for its test. */
export function svgOf(text: string): string {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  const box = `viewBox="0 0 ${rows.length} ${rows.length}" width="570" height="570" shape-rendering="crispEdges"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box}><path fill="#fff" d="M0 0h${rows.length}v${rows.length}H0z"/><path d="${path}"/></svg>\n`;
}
