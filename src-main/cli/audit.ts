import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { type Role, roles } from '../../src-preload/contract/index.ts';
import { roleFolder } from '../app/role-folder.ts';
import { LetterlockError } from '../base/errors.ts';
import type { ExportReport } from '../coordinator/audit/export-verifier.ts';
import { readAuditCopy } from '../mesh/audit-copies.ts';
import { readAuditCopyInDirectory } from '../organization/audit-copy.ts';
import { AuditCopy } from '../protocol/audit.ts';
import { callAdmin, calling, done, listing, type Values } from './admin-call.ts';
import { globals } from './globals.ts';
import { print, table } from './report.ts';

/** `letterlock admin audit …`: what the coordinator is asked for. `letterlock audit verify` and `audit-head` need nobody. */
export function addAdminAuditCommands(audit: Command): void {
  calling(
    filtered(audit.command('list'))
      .option('--limit <n>', 'how many', '200')
      .option('--newest', 'the newest first')
      .option('--before <sequence>', 'rows before this one'),
    'admin.audit.list',
    (_, { limit, newest, before, ...options }) => ({
      ...filterOf(options),
      limit: Number(limit),
      ...(newest === true ? { newest } : {}),
      ...(before === undefined ? {} : { before: Number(before) })
    }),
    (rows) =>
      table(
        ['ROW', 'TIME', 'ACTOR', 'ACTION', 'SUBJECT'],
        rows.map((row) => [row.sequence, row.time, row.actor, row.action, row.subject]),
        'No row.'
      )
  );
  verifying(audit.command('verify [file]').description('check every row and signature, here or of an exported file'));
  exporting(audit);
  forwarding(audit.command('forward').description('who else is sent each row as it is written'));
}

/** `letterlock audit verify FILE`, and `letterlock node audit-head` for each role. */
export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('an exported audit log, checked without the coordinator');
  verifying(audit.command('verify <file>').description('check every row and signature; fails unless all hold'));
  for (const role of roles) {
    const head = program.commands
      .find((command) => command.name() === role)
      ?.command('audit-head')
      .description('the checkpoints of the audit log that this machine keeps, for "audit verify --copy"')
      .option('--json', 'always the case; accepted for uniformity');
    head?.action(async () => print(await keptBy(role, roleFolder(globals(head).data, role)), true, String));
  }
}

async function keptBy(role: Role, folder: string): Promise<AuditCopy> {
  const copy = role === 'node' ? await readAuditCopy(folder) : await readAuditCopyInDirectory(folder);
  if (!copy) throw new LetterlockError('not-found', 'this machine keeps no checkpoint yet');
  return copy;
}

function verifying(command: Command): void {
  const collect = (value: string, all: string[] = []) => [...all, value];
  command
    .option('--copy <file>', 'what "node audit-head" printed on another machine; may be given again', collect)
    .option('--organization <id>', 'the organization that it must be of')
    .option('--key <key>', 'the coordinator’s signing key that it must be signed with')
    .option('--json', 'machine-readable output')
    .action(async () => {
      const [file] = command.args;
      const { json, copy, organization, key } = command.opts<{
        json?: boolean;
        copy?: string[];
        organization?: string;
        key?: string;
      }>();
      if (file === undefined) return verifyHere(command, json === true);
      const { verifyExport } = await import('../coordinator/audit/export-verifier.ts');
      const pin = { organization, signing: key, copy: await copies(copy ?? []) };
      const report = await verifyExport(createReadStream(file), pin);
      print(report, json === true, () => summary(report));
      refuse(report);
    });
}

async function verifyHere(command: Command, json: boolean): Promise<void> {
  const report = await callAdmin(command, 'admin.audit.verify', {});
  print(
    report,
    json,
    () => `${report.rows} rows, ${report.signatures} signatures: ${report.intact ? 'intact' : 'BROKEN'}`
  );
  refuse(report);
}

function refuse({
  intact,
  firstBroken,
  reason
}: {
  intact: boolean;
  firstBroken: number | null;
  reason: string | null;
}) {
  if (!intact) throw new LetterlockError('audit-broken', `row ${firstBroken ?? '?'}: ${reason ?? ''}`);
}

const summary = (report: ExportReport): string =>
  [
    `${report.rows} rows up to row ${report.upTo}, ${report.signatures} signatures: ${report.intact ? 'intact' : 'BROKEN'}`,
    `  organization ${report.organization?.id ?? '-'} (${report.organization?.name ?? '-'})`,
    `  signed with  ${report.coordinator?.signing ?? '-'}`,
    `  exported     ${report.exported ?? '-'}`,
    `  only         ${report.filter ? JSON.stringify(report.filter) : 'everything'}`,
    `  erasure receipts signed by their nodes: ${report.receipts}${report.receiptsUnknown ? `, of nodes not in this file: ${report.receiptsUnknown}` : ''}`,
    `  checkpoints kept elsewhere that agree: ${report.compared}`
  ].join('\n');

/** Several machines' copies as one: they must be of the same organization. */
async function copies(files: readonly string[]): Promise<AuditCopy | undefined> {
  const all = await Promise.all(files.map(copyIn));
  const [first] = all;
  const stranger = all.some(
    ({ organization, coordinator }) =>
      organization !== first?.organization || coordinator.signing !== first.coordinator.signing
  );
  if (stranger) throw new LetterlockError('input-invalid', '--copy: of different organizations');
  return first && { ...first, checkpoints: all.flatMap(({ checkpoints }) => checkpoints) };
}

async function copyIn(file: string): Promise<AuditCopy> {
  const text = await readFile(file, 'utf8');
  const copy = Json.pipe(AuditCopy).safeParse(text);
  if (!copy.success) throw new LetterlockError('input-invalid', `--copy: ${file} is no output of audit-head`);
  return copy.data;
}

const Json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('not JSON');
    return z.NEVER;
  }
});

function exporting(audit: Command): void {
  const command = filtered(audit.command('export'))
    .description('rows, checkpoints and certificates as a file that "audit verify" checks; or as CSV')
    .option('--format <format>', 'jsonl or csv', 'jsonl')
    .option('--output <file>', 'a new file instead of standard output');
  command.action(async () => {
    const { format, output, ...options } = command.opts<Values>();
    if (format !== 'jsonl' && format !== 'csv') throw new LetterlockError('input-invalid', '--format: jsonl or csv');
    const { after, ...filter } = filterOf(options);
    const sink =
      output === undefined ? process.stdout : createWriteStream(String(output), { flags: 'wx', mode: 0o600 });
    for (let next: number | null = after, first = true; next !== null; first = false) {
      const page = { ...filter, format, after: next, first } as const;
      const answer: { text: string; next: number | null } = await callAdmin(command, 'admin.audit.export', page);
      if (!sink.write(answer.text)) await once(sink, 'drain');
      next = answer.next;
    }
    if (sink !== process.stdout) {
      sink.end();
      await once(sink, 'finish');
    }
  });
}

const filtered = (command: Command): Command =>
  command
    .option('--after <sequence>', 'rows after this one', '0')
    .option('--actor <actor>', 'who did it, such as admin:ada')
    .option('--action <prefix>', 'how the action begins, such as user.')
    .option('--subject <subject>', 'what it was done to')
    .option('--from <time>', 'since then, such as 2026-05-01T00:00:00Z')
    .option('--to <time>', 'before then');

function filterOf({ after, actor, action, subject, from, to }: Values) {
  const given = Object.entries({ actor, action, subject, from, to }).filter(([, value]) => value !== undefined);
  return { after: Number(after), ...(Object.fromEntries(given) as Record<string, string>) };
}

function forwarding(forward: Command): void {
  listing(forward.command('list'), 'admin.audit.forward.list', (all) =>
    table(
      ['RECEIVER', 'NAME', 'KIND', 'TO', 'ROW', 'WAITING', 'STATE'],
      all.map(({ id, name, target, sequence, waiting, failing }) => [
        id,
        name,
        target.kind,
        target.kind === 'syslog' ? `${target.host}:${target.port}` : target.url,
        sequence,
        waiting,
        failing ? `fails since ${failing.since}: ${failing.reason}` : 'good'
      ]),
      'The log is sent to nobody.'
    )
  );
  calling(
    forward
      .command('add <name>')
      .option('--syslog <host:port>', 'syslog over TLS (RFC 5425)')
      .option('--webhook <url>', 'https://…, with signed JSON lines')
      .option('--ca <file>', 'authorities to trust (PEM) instead of the usual ones')
      .option('--certificate <sha256>', 'fingerprint of the one certificate that it may show')
      .option('--allow-private', 'the webhook may be on this machine or in a private network')
      .option('--after <sequence>', 'begin after this row (0: with the first) instead of now'),
    'admin.audit.forward.add',
    async ([name], { after, ...options }) => ({
      name,
      target: await targetOf(options),
      ...(after === undefined ? {} : { after: Number(after) })
    }),
    ({ id, name, secret }) =>
      `${name}: ${id}${secret === null ? '' : `\nSecret of its signatures, shown this once: ${secret}`}`
  );
  calling(forward.command('remove <receiver>'), 'admin.audit.forward.remove', ([id]) => ({ id }), done);
  calling(
    forward.command('test <receiver>').description('send a message that is no row'),
    'admin.audit.forward.test',
    ([id]) => ({ id }),
    done
  );
}

async function targetOf({ syslog, webhook, ca, certificate, allowPrivate }: Values) {
  const trust = {
    ...(ca === undefined ? {} : { ca: await readFile(String(ca), 'utf8') }),
    ...(certificate === undefined ? {} : { certificateSha256: certificate })
  };
  if ((syslog === undefined) === (webhook === undefined))
    throw new LetterlockError('input-invalid', 'give --syslog or --webhook');
  if (webhook !== undefined) return { kind: 'webhook', url: webhook, allowPrivate: allowPrivate === true, ...trust };
  const [, host, port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(String(syslog)) ?? [];
  return { kind: 'syslog', host, ...(port === undefined ? {} : { port: Number(port) }), ...trust };
}
