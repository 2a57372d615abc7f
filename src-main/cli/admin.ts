import type { Command } from 'commander';
import type { z } from 'zod';
import { type Input, type Output, type Procedure, procedures } from '../../src-preload/contract/index.ts';
import { callControl } from '../app/control-client.ts';
import { roleFolder } from '../app/role-folder.ts';
import { LetterlockError } from '../base/errors.ts';
import { globals } from './globals.ts';
import { readSecret } from './input.ts';
import { print, table } from './report.ts';

/** `letterlock admin …`: what an administrator does, on the coordinator's own machine. Every command takes `--json`. */
export function addAdminCommands(program: Command): void {
  const admin = program.command('admin').description('administer the organization (on the coordinator’s machine)');
  pairingAndDevices(admin.command('device').description('pairing requests and machines'));
  tokens(admin.command('token').description('enrollment tokens for IT staging'));
  users(admin.command('user').description('users and their PINs'));
  printers(admin.command('printer').description('printers and their certificates'));
  policy(admin.command('policy').description('how many replicas, how long, how delivered'));
  jobs(admin.command('job').description('jobs: sizes and states, never titles'));
  keys(admin.command('key').description('release keys of the organization'));
  audit(admin.command('audit').description('the tamper-evident log'));
  listing(
    admin.command('mesh').description('the machines that hold jobs').command('status'),
    'admin.mesh.status',
    ({ nodes }) =>
      table(
        ['NODE', 'NAME', 'STATE', 'ADDRESS'],
        nodes.map((node) => [node.id, node.name, node.online ? 'online' : 'offline', node.url]),
        'No node.'
      )
  );
}

type Values = Record<string, string | boolean | undefined>;
type AdminProcedure = Extract<Procedure, `admin.${string}`>;

/** A command that calls one procedure: how its words become the input, and how people read the output. */
function calling<P extends AdminProcedure>(
  command: Command,
  procedure: P,
  input: (args: string[], options: Values) => unknown,
  show: (output: Output<P>) => string
): void {
  command.option('--json', 'machine-readable output').action(async () => {
    const options = command.opts<Values>();
    const parsed = parse(procedures[procedure].input, await input(command.args, options));
    const output = await callControl(roleFolder(globals(command).data, 'coordinator'), procedure, parsed as Input<P>);
    print(output, options.json === true, show);
  });
}

const listing = <P extends AdminProcedure>(command: Command, procedure: P, show: (output: Output<P>) => string) =>
  calling(command, procedure, () => ({}), show);

/** The same schema as at the other end, so that a slip is named here with its option. */
function parse(schema: z.ZodType, input: unknown): unknown {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new LetterlockError('input-invalid', `${issue?.path.join('.') || 'arguments'}: ${issue?.message ?? ''}`);
}

const done = () => 'Done.';

function pairingAndDevices(device: Command): void {
  listing(device.command('requests').description('pairing requests that wait'), 'admin.pairing.list', (all) =>
    table(
      ['REQUEST', 'NAME', 'ROLES', 'CODE', 'FROM', 'EXPIRES'],
      all.map((one) => [one.id, one.name, one.roles.join(','), one.code, one.address, one.expires]),
      'No pairing request waits.'
    )
  );
  calling(
    device
      .command('approve <request>')
      .description('approve a machine')
      .requiredOption('--code <digits>', 'as shown on that machine')
      .option('--owner <user>', 'user that a client prints for'),
    'admin.pairing.approve',
    ([id], { code, owner }) => ({ id, code, owner }),
    (one) => `Approved ${one.name}: ${one.id}`
  );
  calling(device.command('reject <request>'), 'admin.pairing.reject', ([id]) => ({ id }), done);
  listing(device.command('list'), 'admin.device.list', (all) =>
    table(
      ['DEVICE', 'NAME', 'ROLES', 'STATE', 'OWNER', 'ADDRESS'],
      all.map((one) => [
        one.id,
        one.name,
        one.roles.join(','),
        one.status === 'revoked' ? 'revoked' : one.online ? 'online' : 'offline',
        one.owner,
        one.url
      ]),
      'No machine is paired yet.'
    )
  );
  calling(
    device.command('revoke <device>').description('withdraw an approval'),
    'admin.device.revoke',
    ([id]) => ({ id }),
    done
  );
}

function tokens(token: Command): void {
  calling(
    token
      .command('create')
      .requiredOption('--roles <roles>', 'client,node,station')
      .option('--uses <n>', 'how many machines', '1')
      .option('--hours <n>', 'how long', '24')
      .option('--owner <user>'),
    'admin.token.create',
    (_, { roles, uses, hours, owner }) => ({
      roles: String(roles).split(','),
      maxUses: Number(uses),
      hours: Number(hours),
      owner
    }),
    (one) => one.token
  );
  listing(token.command('list'), 'admin.token.list', (all) =>
    table(
      ['TOKEN', 'ROLES', 'USED', 'EXPIRES'],
      all.map((one) => [one.id, one.roles.join(','), `${one.uses}/${one.maxUses}`, one.expires]),
      'No token.'
    )
  );
  calling(token.command('revoke <token>'), 'admin.token.revoke', ([id]) => ({ id }), done);
}

function users(user: Command): void {
  const pin = '"-" reads the PIN from standard input, @FILE from a file';
  listing(user.command('list'), 'admin.user.list', (all) =>
    table(
      ['USER', 'NAME', 'STATE', 'PIN'],
      all.map((one) => [one.id, one.name, one.status, one.hasPin ? 'set' : 'none']),
      'No user yet.'
    )
  );
  calling(
    user.command('add <name>').option('--pin <source>', pin),
    'admin.user.add',
    async ([name], options) => ({
      name,
      ...(options.pin === undefined ? {} : { pin: await readSecret(String(options.pin), 'pin') })
    }),
    (one) => `Added ${one.name}: ${one.id}`
  );
  calling(
    user.command('set-pin <user>').requiredOption('--pin <source>', pin),
    'admin.user.set-pin',
    async ([id], options) => ({ id, pin: await readSecret(String(options.pin), 'pin') }),
    done
  );
  calling(
    user.command('suspend <user>').option('--undo', 'let the user work again'),
    'admin.user.suspend',
    ([id], { undo }) => ({ id, suspended: undo !== true }),
    done
  );
}

function printers(printer: Command): void {
  const show = (one: Output<'admin.printer.add'>) =>
    `${one.name} (${one.status}): ${one.id}\n  certificate ${one.certificateSubject ?? 'none'}\n  SHA-256 ${one.certificateSha256 ?? '-'}`;
  listing(printer.command('list'), 'admin.printer.list', (all) =>
    table(
      ['PRINTER', 'NAME', 'STATE', 'GRADE', 'URI'],
      all.map((one) => [one.id, one.name, one.status, one.grade, one.uri]),
      'No printer yet.'
    )
  );
  calling(
    printer.command('add <name> <uri>').option('--location <text>', 'where it stands', ''),
    'admin.printer.add',
    ([name, uri], { location }) => ({ name, uri, location }),
    show
  );
  calling(
    printer
      .command('approve <printer>')
      .option('--certificate <sha256>', 'fingerprint, as compared with the one on the printer')
      .option('--grade <grade>', 'ipps-required, ipps-preferred or plain-allowed', 'ipps-required'),
    'admin.printer.approve',
    ([id], { certificate, grade }) => ({ id, certificateSha256: certificate ?? null, grade }),
    show
  );
  calling(printer.command('remove <printer>'), 'admin.printer.remove', ([id]) => ({ id }), done);
}

function policy(command: Command): void {
  const show = (one: Output<'admin.policy.get'>) =>
    `replicas ${one.replicas}, kept for ${one.holdHours} h, delivery ${one.deliveryGrade}`;
  listing(command.command('get'), 'admin.policy.get', show);
  calling(
    command.command('set').option('--replicas <n>').option('--hold-hours <n>').option('--grade <grade>'),
    'admin.policy.set',
    (_, { replicas, holdHours, grade }) => ({
      ...(replicas === undefined ? {} : { replicas: Number(replicas) }),
      ...(holdHours === undefined ? {} : { holdHours: Number(holdHours) }),
      ...(grade === undefined ? {} : { deliveryGrade: grade })
    }),
    show
  );
}

function jobs(job: Command): void {
  listing(job.command('list'), 'admin.job.list', (all) =>
    table(
      ['JOB', 'STATE', 'OWNER', 'BYTES', 'HOLDERS', 'EXPIRES'],
      all.map((one) => [one.id, one.state, one.owner, one.size, one.holders.length, one.expires]),
      'No job.'
    )
  );
  calling(job.command('cancel <job>'), 'admin.job.cancel', ([id]) => ({ id }), done);
}

function keys(key: Command): void {
  listing(key.command('list'), 'admin.key.list', (all) =>
    table(
      ['EPOCH', 'CREATED', 'STATE'],
      all.map((one) => [one.epoch, one.created, one.destroyed ? 'destroyed' : one.current ? 'current' : 'kept']),
      'No key.'
    )
  );
  listing(
    key.command('rotate').description('a new release key for new jobs'),
    'admin.key.rotate',
    ({ epoch }) => `Epoch ${epoch} is current.`
  );
  calling(
    key.command('destroy <epoch>').description('no job of this epoch can ever be opened again'),
    'admin.key.destroy',
    ([epoch]) => ({ epoch: Number(epoch) }),
    done
  );
}

function audit(command: Command): void {
  calling(
    command
      .command('list')
      .option('--after <sequence>', 'rows after this one', '0')
      .option('--limit <n>', 'how many', '200'),
    'admin.audit.list',
    (_, { after, limit }) => ({ after: Number(after), limit: Number(limit) }),
    (rows) =>
      table(
        ['ROW', 'TIME', 'ACTOR', 'ACTION', 'SUBJECT'],
        rows.map((row) => [row.sequence, row.time, row.actor, row.action, row.subject]),
        'No row.'
      )
  );
  const verify = command
    .command('verify')
    .description('check every row and signature; fails unless all hold')
    .option('--json', 'machine-readable output');
  verify.action(async () => {
    const report = await callControl(roleFolder(globals(verify).data, 'coordinator'), 'admin.audit.verify', {});
    print(
      report,
      verify.opts<Values>().json === true,
      () => `${report.rows} rows, ${report.signatures} signatures: ${report.intact ? 'intact' : 'BROKEN'}`
    );
    if (!report.intact)
      throw new LetterlockError('audit-broken', `row ${report.firstBroken ?? '?'}: ${report.reason ?? ''}`);
  });
}
