import { once } from 'node:events';
import { createReadStream, type ReadStream } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, extname } from 'node:path';
import { type Command, Option } from 'commander';
import {
  type ApprovalView,
  type ClientState,
  GrantId,
  JobId,
  type JobView,
  PrinterId
} from '../../src-preload/contract/index.ts';
import { callControl } from '../app/control-client.ts';
import { roleFolder } from '../app/role-folder.ts';
import { LetterlockError } from '../base/errors.ts';
import { MiB } from '../base/limits.ts';
import { firstString, mimeMediaType, nameAttribute } from '../ipp/attributes.ts';
import { openPrinter } from '../ipp/client.ts';
import { globals } from './globals.ts';
import { readSecret } from './input.ts';
import { print, table } from './report.ts';

/** `submit`, `jobs`, `release`, `cancel`: what an employee does, for scripts. They talk to the client that runs here. */
export function addJobCommands(program: Command): void {
  const json = () => new Option('--json', 'machine-readable output');
  program
    .command('submit <file>')
    .description('print a file through the virtual printer')
    .option('--title <title>', 'name of the job (default: the name of the file)')
    .option('--format <type>', 'MIME type (default: from the name of the file)')
    .addOption(json())
    .action(submit);
  program.command('jobs').description('list the jobs of this client').addOption(json()).action(list);
  program
    .command('release <job>')
    .description('print a held job; returns when the printer has it')
    .requiredOption('--printer <printer>', 'id or name of the printer')
    .option('--user <name>', 'whose job it is (default: the user of this machine)')
    .requiredOption('--pin <source>', '"-" reads the PIN from standard input, @FILE from a file')
    .option('--accept-second-copy', 'for a job that may have been printed already')
    .addOption(json())
    .action(release);
  program
    .command('approvals')
    .description('releases that wait for your word on this computer (strict custody)')
    .addOption(json())
    .action(approvals);
  program
    .command('approve <approval>')
    .description('let a document go that waits for your word')
    .option('--decline', 'do not print it')
    .addOption(json())
    .action(approve);
  program.command('cancel <job>').description('erase a job everywhere').addOption(json()).action(cancel);
}

const stateOf = (command: Command): Promise<ClientState> => callControl(clientFolder(command), 'client.state', {});
const clientFolder = (command: Command) => roleFolder(globals(command).data, 'client');

/** By extension; anything else is left to the printer to detect. */
const formats: Record<string, string> = {
  '.pdf': 'application/pdf',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.pwg': 'image/pwg-raster',
  '.urf': 'image/urf'
};

async function submit(
  file: string,
  options: { title?: string; format?: string; json?: boolean },
  command: Command
): Promise<void> {
  const { virtualPrinter } = await stateOf(command);
  if (!virtualPrinter.uri) throw new LetterlockError('engine-unreachable', 'virtual printer');
  const source = await openDocument(file);
  const printer = openPrinter({
    uri: virtualPrinter.uri,
    plainAllowed: true, // loopback: the document is sealed behind it
    own: true,
    signal: new AbortController().signal,
    userName: userInfo().username
  });
  const job = await printer.printJob(
    {
      operation: [
        nameAttribute('job-name', options.title ?? basename(file)),
        mimeMediaType('document-format', options.format ?? formatOf(file))
      ],
      job: []
    },
    source
  );
  const attributes = await printer.getJobAttributes(job.number, 'job-uuid');
  const id = JobId.parse(firstString(attributes, 'job-uuid')?.replace(/^urn:uuid:/, ''));
  print({ id }, options.json === true, () => `Sealed and held: ${id}`);
}

const formatOf = (file: string) => formats[extname(file).toLowerCase()] ?? 'application/octet-stream';

async function openDocument(file: string): Promise<ReadStream> {
  const source = createReadStream(file, { highWaterMark: MiB });
  await once(source, 'ready').catch((cause) => {
    throw new LetterlockError('not-found', file, { cause });
  });
  return source;
}

async function list(options: { json?: boolean }, command: Command): Promise<void> {
  const { jobs } = await stateOf(command);
  print(jobs, options.json === true, (all: JobView[]) =>
    table(
      ['JOB', 'STATE', 'TITLE', 'BYTES', 'HELD BY', 'EXPIRES'],
      all.map((job) => [job.id, job.state, job.title, job.size, held(job), job.expires]),
      'No jobs. Print to "Letterlock" from any program.'
    )
  );
}

function held({ inOutbox, holders, forecast }: JobView): string {
  const machines = holders.map(({ name, alive }) => `${name}${alive ? '' : ' (off)'}`);
  const quorum = forecast?.quorum;
  const copies = quorum ? ` (${quorum.have} of ${quorum.need} copies)` : '';
  return [...machines, ...(inOutbox ? ['this machine (outbox)'] : [])].join(', ') + copies;
}

async function release(
  job: string,
  options: { printer: string; user?: string; pin: string; acceptSecondCopy?: boolean; json?: boolean },
  command: Command
): Promise<void> {
  const pin = await readSecret(options.pin, 'pin');
  const view = await callControl(clientFolder(command), 'client.release', {
    job: jobId(job),
    printer: await printerId(options.printer, command),
    pin,
    ...(options.user === undefined ? {} : { user: options.user }),
    acceptSecondCopy: options.acceptSecondCopy === true
  });
  print(view, options.json === true, (one: JobView) => `The printer has it (${one.state}).`);
}

async function approvals(options: { json?: boolean }, command: Command): Promise<void> {
  print((await stateOf(command)).approvals, options.json === true, (all: ApprovalView[]) =>
    table(
      ['APPROVAL', 'TITLE', 'PRINTER', 'ASKED AT', 'BY', 'ENDS'],
      all.map(({ id, title, printer, station, delegate, expires }) => [
        id,
        title,
        printer,
        station,
        delegate ?? 'you',
        expires
      ]),
      'Nothing waits for your word.'
    )
  );
}

async function approve(text: string, options: { decline?: boolean; json?: boolean }, command: Command): Promise<void> {
  const id = GrantId.safeParse(text).data;
  if (!id) throw new LetterlockError('input-invalid', 'approval: an id from `letterlock approvals`');
  const approved = options.decline !== true;
  await callControl(clientFolder(command), 'client.approve', { id, approved });
  print({ approved }, options.json === true, () =>
    approved ? 'Approved: it prints now.' : 'Declined: it stays held.'
  );
}

async function cancel(job: string, options: { json?: boolean }, command: Command): Promise<void> {
  await callControl(clientFolder(command), 'client.cancel', { job: jobId(job) });
  print({}, options.json === true, () => 'Canceled. It is erased on every machine that holds it.');
}

export function jobId(text: string): JobId {
  const parsed = JobId.safeParse(text);
  if (!parsed.success) throw new LetterlockError('input-invalid', 'job: an id from `letterlock jobs`');
  return parsed.data;
}

async function printerId(text: string, command: Command): Promise<PrinterId> {
  const parsed = PrinterId.safeParse(text);
  if (parsed.success) return parsed.data;
  const named = (await stateOf(command)).printers.find(({ name }) => name === text);
  if (!named) throw new LetterlockError('printer-not-approved', text);
  return named.id;
}
