import type { Command } from 'commander';
import { finalJobStates, type Output } from '../../src-preload/contract/index.ts';
import { calling, done, listing, serverOptions } from './admin-call.ts';
import { addAdministratorCommands } from './administrators.ts';
import { addAdminAuditCommands } from './audit.ts';
import { addBackupCommands } from './backup.ts';
import { addCoordinatorCommands } from './coordinators.ts';
import { readSecret } from './input.ts';
import { addMailCommands } from './mail.ts';
import { addPeopleCommands } from './people.ts';
import { placementReasons } from './placement-reasons.ts';
import { addPolicyCommands } from './policy.ts';
import { table } from './report.ts';
import { addSiteCommands } from './sites.ts';
import { addSsoCommands } from './sso.ts';

/** `letterlock admin …`: what an administrator does, here or at another machine's coordinator. Every command takes `--json`. */
export function addAdminCommands(program: Command): void {
  const admin = serverOptions(program.command('admin').description('administer the organization'));
  addAdministratorCommands(admin);
  const device = admin.command('device').description('pairing requests and machines');
  pairingAndDevices(device);
  tokens(admin.command('token').description('enrollment tokens for IT staging'));
  const user = admin.command('user').description('users and their PINs');
  users(user);
  addPeopleCommands(admin, user);
  badges(admin.command('badge').description('cards that users sign in with at stations'));
  addSsoCommands(admin.command('sso').description('single sign-on through the identity provider'));
  addMailCommands(admin.command('mail').description('the mail server that invitations go through'));
  const printer = admin.command('printer').description('printers and their certificates');
  printers(printer);
  addSiteCommands(admin.command('site').description('buildings and branches'), device, printer);
  addPolicyCommands(
    admin.command('policy').description('who prints what and where, how long it is kept, how delivered')
  );
  jobs(admin.command('job').description('jobs: sizes and states, never titles'));
  listing(
    admin.command('report').description('how many jobs were printed, and how many never had to be, day by day'),
    'admin.report.daily',
    (days) =>
      table(
        ['DAY', 'PRINTED', 'ERASED UNPRINTED', 'CANCELED'],
        days.map(({ day, printed, erased, canceled }) => [day, String(printed), String(erased), String(canceled)]),
        'No day.'
      )
  );
  keys(admin.command('key').description('release keys of the organization'));
  addAdminAuditCommands(admin.command('audit').description('the tamper-evident log'));
  addBackupCommands(admin.command('backup').description('the whole coordinator in one sealed file'));
  addCoordinatorCommands(admin.command('coordinator').description('coordinators that share a database'));
  listing(
    admin.command('mesh').description('the machines that hold jobs').command('status'),
    'admin.mesh.status',
    ({ nodes }) =>
      table(
        ['NODE', 'NAME', 'STATE', 'SEEN BY OTHERS', 'ADDRESS'],
        nodes.map((node) => [node.id, node.name, node.online ? 'online' : 'offline', seenBy(node.seen), node.url]),
        'No node.'
      )
  );
}

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
      .option('--owner <user>', 'user that a client prints for')
      .option('--site <site>', 'where it stands; default: the first one')
      .option('--cloud', 'a node outside of the network'),
    'admin.pairing.approve',
    ([id], { code, owner, site, cloud }) => ({ id, code, owner, site, cloud: cloud === true }),
    (one) => `Approved ${one.name}: ${one.id}`
  );
  calling(device.command('reject <request>'), 'admin.pairing.reject', ([id]) => ({ id }), done);
  listing(device.command('list'), 'admin.device.list', (all) =>
    table(
      ['DEVICE', 'NAME', 'ROLES', 'STATE', 'OWNER', 'SITE', 'ADDRESS'],
      all.map((one) => [
        one.id,
        one.name,
        `${one.roles.join(',')}${one.cloud ? ' (cloud)' : ''}`,
        one.status !== 'approved' ? one.status : one.online ? 'online' : 'offline',
        one.owner,
        one.site,
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
  calling(
    device
      .command('suspend <device>')
      .description('withdraw an approval for now')
      .option('--undo', 'let the machine work again'),
    'admin.device.suspend',
    ([id], { undo }) => ({ id, suspended: undo !== true }),
    done
  );
  calling(
    device
      .command('cloud <device> <on|off>')
      .description('whether a node stands outside of the network: jobs lie there only where the policy says so'),
    'admin.device.cloud',
    // Anything else goes on as it is, so that the schema refuses it by name.
    ([id, state]) => ({ id, cloud: state === 'on' ? true : state === 'off' ? false : state }),
    (one) => `${one.name} is ${one.cloud ? 'a cloud node' : 'inside the network'}.`
  );
}

function tokens(token: Command): void {
  calling(
    token
      .command('create')
      .requiredOption('--roles <roles>', 'client,node,station')
      .option('--uses <n>', 'how many machines', '1')
      .option('--hours <n>', 'how long', '24')
      .option('--owner <user>')
      .option('--site <site>', 'where the machines stand; default: the first one')
      .option('--cloud', 'the nodes stand outside of the network'),
    'admin.token.create',
    (_, { roles, uses, hours, owner, site, cloud }) => ({
      roles: String(roles).split(','),
      maxUses: Number(uses),
      hours: Number(hours),
      owner,
      site,
      cloud: cloud === true
    }),
    (one) => one.token
  );
  listing(token.command('list'), 'admin.token.list', (all) =>
    table(
      ['TOKEN', 'ROLES', 'USED', 'SITE', 'EXPIRES'],
      all.map((one) => [
        one.id,
        `${one.roles.join(',')}${one.cloud ? ' (cloud)' : ''}`,
        `${one.uses}/${one.maxUses}`,
        one.site,
        one.expires
      ]),
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
    user.command('add <name>').option('--pin <source>', pin).option('--email <address>'),
    'admin.user.add',
    async ([name], options) => ({
      name,
      email: options.email,
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
    user.command('set-email <user> [address]').description('without an address: none'),
    'admin.user.set-email',
    ([id, email = null]) => ({ id, email }),
    done
  );
  calling(
    user.command('suspend <user>').option('--undo', 'let the user work again'),
    'admin.user.suspend',
    ([id], { undo }) => ({ id, suspended: undo !== true }),
    done
  );
}

function badges(badge: Command): void {
  calling(
    badge.command('list <user>'),
    'admin.badge.list',
    ([user]) => ({ user }),
    (all) =>
      table(
        ['BADGE', 'ADDED', 'LAST USED'],
        all.map((one) => [one.id, one.created, one.lastUsed]),
        'No badge.'
      )
  );
  calling(
    badge
      .command('add <user>')
      .requiredOption('--number <source>', '"-" reads it from standard input (also from a reader), @FILE from a file'),
    'admin.badge.add',
    async ([user], { number }) => ({ user, number: await readSecret(String(number), 'number') }),
    (one) => `Added ${one.id}`
  );
  calling(badge.command('remove <badge>'), 'admin.badge.remove', ([id]) => ({ id }), done);
}

function printers(printer: Command): void {
  const show = (one: Output<'admin.printer.add'>) =>
    `${one.name} (${one.status}): ${one.id}\n  certificate ${one.certificateSubject ?? 'none'}\n  SHA-256 ${one.certificateSha256 ?? '-'}`;
  listing(printer.command('list'), 'admin.printer.list', (all) =>
    table(
      ['PRINTER', 'NAME', 'STATE', 'GRADE', 'SITE', 'URI'],
      all.map((one) => [one.id, one.name, one.status, one.grade, one.site, one.uri]),
      'No printer yet.'
    )
  );
  calling(
    printer
      .command('add <name> <uri>')
      .option('--location <text>', 'where it stands', '')
      .option('--site <site>', 'in which building; default: the first one'),
    'admin.printer.add',
    ([name, uri], { location, site }) => ({ name, uri, location, site }),
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
  calling(
    printer.command('refresh <printer>').description('ask it again what it can do'),
    'admin.printer.refresh',
    ([id]) => ({ id }),
    show
  );
  calling(printer.command('remove <printer>'), 'admin.printer.remove', ([id]) => ({ id }), done);
}

function jobs(job: Command): void {
  calling(
    job.command('list').description('the newest 500').option('--before <job>', 'those that are older than this one'),
    'admin.job.list',
    (_, { before }) => ({ before }),
    (all) =>
      table(
        ['JOB', 'STATE', 'OWNER', 'BYTES', 'HOLDERS', 'EXPIRES'],
        all.map((one) => [
          one.id,
          one.suspended ? 'suspended' : one.state,
          one.owner,
          one.size,
          one.holders.length,
          one.expires
        ]),
        'No job.'
      )
  );
  calling(
    job.command('show <job>').description('one job, and the receipts of those that erased it'),
    'admin.job.show',
    ([id]) => ({ id }),
    (one) =>
      [
        `${one.state}${one.suspended ? ' (suspended)' : ''}, custody ${one.custody}, ${one.size} bytes of ${one.owner}`,
        ...one.holders.map(({ name }) =>
          finalJobStates.includes(one.state) ? `not yet erased by ${name}` : `held by ${name}`
        ),
        ...one.why.map(
          ({ name, chosen, reason }) => `${chosen ? 'chosen' : 'passed over'}: ${name} (${placementReasons[reason]})`
        ),
        ...one.erasures.map(
          ({ name, at, reason, valid }) =>
            `erased by ${name} ${at} (${reason}), ${valid ? 'signed' : 'SIGNATURE DOES NOT FIT'}`
        )
      ].join('\n')
  );
  calling(job.command('cancel <job>'), 'admin.job.cancel', ([id]) => ({ id }), done);
  calling(
    job.command('suspend <job>').description('not to be printed for now').option('--undo', 'let it be printed again'),
    'admin.job.suspend',
    ([id], { undo }) => ({ id, suspended: undo !== true }),
    done
  );
}

function keys(key: Command): void {
  listing(key.command('list'), 'admin.key.list', (all) =>
    table(
      ['EPOCH', 'SITE', 'CREATED', 'STATE', 'JOBS'],
      all.map((one) => [
        one.epoch,
        one.site,
        one.created,
        one.destroyed ? 'destroyed' : one.current ? 'current' : 'kept',
        one.jobs
      ]),
      'No key.'
    )
  );
  listing(key.command('status'), 'admin.key.status', ({ suspended, nextRotation }) =>
    [
      suspended ? `Suspended since ${suspended}: nothing can be opened.` : 'In use.',
      nextRotation ? `Next release key: ${nextRotation}.` : 'A new release key only by hand.'
    ].join('\n')
  );
  calling(
    key.command('schedule <days>').description('how often there is a new release key; 0: only by hand'),
    'admin.key.schedule',
    ([days]) => ({ rotationDays: Number(days) }),
    done
  );
  calling(
    key.command('suspend').description('nothing of this organization can be opened until it is resumed'),
    'admin.key.suspend',
    () => ({ suspended: true }),
    done
  );
  calling(key.command('resume'), 'admin.key.suspend', () => ({ suspended: false }), done);
  calling(
    key
      .command('rotate')
      .description('a new release key for new jobs')
      .option('--site <site>', 'of this site only; default: of every one'),
    'admin.key.rotate',
    (_, { site }) => ({ site }),
    ({ keys }) => keys.map(({ epoch, site }) => `Epoch ${epoch} is current at ${site}.`).join('\n')
  );
  calling(
    key.command('destroy <epoch>').description('no job of this epoch can ever be opened again'),
    'admin.key.destroy',
    ([epoch]) => ({ epoch: Number(epoch) }),
    done
  );
  listing(
    key.command('rotate-master').description('a new master key; the old one opens nothing any more'),
    'admin.key.rotate-master',
    ({ releaseKeys }) => `${releaseKeys} release keys lie under a new master key. Make a new backup now.`
  );
  const authority = key.command('authority').description('what signs the certificates of all machines');
  listing(authority.command('show'), 'admin.key.authority', ({ ends, previous }) =>
    [
      `The certificate authority ends ${ends}.`,
      previous ? `${previous.devices} machines still have a certificate of the one before.` : ''
    ]
      .filter(Boolean)
      .join('\n')
  );
  calling(
    authority
      .command('renew')
      .description(
        'a new authority; machines fetch their certificates by themselves. Enrollment tokens: make new ones'
      ),
    'admin.key.renew-authority',
    () => ({}),
    done
  );
}

/** `alive 3, dead 1`: what the other nodes take it for. */
const seenBy = (seen: Output<'admin.mesh.status'>['nodes'][number]['seen']): string =>
  Object.entries(seen ?? {})
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${state} ${count}`)
    .join(', ') || '-';
