import type { Command } from 'commander';
import type { Output } from '../../src-preload/contract/index.ts';
import { calling, done, listing, type Values } from './admin-call.ts';
import { table } from './report.ts';

/** `letterlock admin group|invitation|user rules …`: who belongs together, who is invited, and what is decided about people. */
export function addPeopleCommands(admin: Command, user: Command): void {
  groups(admin.command('group').description('groups of users; those of the directory can only be looked at'));
  invitations(admin.command('invitation').description('links with which people set their own PIN'));
  rules(user.command('rules').description('what is decided about PINs, delegates and guests'));
  calling(
    user.command('remove <user>').description('for good; jobs that wait are canceled and erased'),
    'admin.user.remove',
    ([id]) => ({ id }),
    done
  );
}

function groups(group: Command): void {
  const show = ({ id, name, members }: Output<'admin.group.add'>) => `${name} (${members.length}): ${id}`;
  listing(group.command('list'), 'admin.group.list', (all) =>
    table(
      ['GROUP', 'NAME', 'KEPT BY', 'MEMBERS'],
      all.map((one) => [one.id, one.name, one.source, one.members.length]),
      'No group.'
    )
  );
  calling(group.command('add <name>'), 'admin.group.add', ([name]) => ({ name }), show);
  calling(
    group.command('set-members <group> [users...]').description('exactly these, by id'),
    'admin.group.set-members',
    ([id, ...members]) => ({ id, members }),
    show
  );
  calling(group.command('remove <group>'), 'admin.group.remove', ([id]) => ({ id }), done);
}

function invitations(invitation: Command): void {
  listing(invitation.command('list').description('those that are open'), 'admin.invitation.list', (all) =>
    table(
      ['INVITATION', 'USER', 'E-MAIL', 'EXPIRES'],
      all.map((one) => [one.id, one.name, one.email, one.expires]),
      'No invitation is open.'
    )
  );
  calling(
    invitation
      .command('create')
      .description('mailed where there is a mail server and an address; otherwise the link is shown, this once')
      .option('--name <name>', 'a user, or the name of a new one')
      .option('--email <address>', 'becomes the user’s when the invitation is accepted')
      .option('--hours <n>', 'how long it works', '72')
      .option('--show-link', 'also when it is mailed; then it does not confirm the address'),
    'admin.invitation.create',
    (_, { name, email, hours, showLink }) => ({ name, email, hours: Number(hours), showLink }),
    ({ name, link, mailedTo, failure, expires }) =>
      [
        failure === null ? '' : `Not mailed: ${failure}`,
        mailedTo === null ? '' : `Mailed to ${mailedTo}.`,
        `For ${name}, once, until ${expires}${link === null ? '.' : `:\n${link}`}`
      ]
        .filter(Boolean)
        .join('\n')
  );
  calling(invitation.command('revoke <invitation>'), 'admin.invitation.revoke', ([id]) => ({ id }), done);
}

function rules(command: Command): void {
  const show = (one: Output<'admin.user.rules'>) =>
    [
      `PINs: at least ${one.pinLength} digits, years ${one.yearPins}`,
      `delegates: ${one.delegates ? 'allowed' : 'off'}`,
      `sign-in by e-mail: ${one.emailSignIn ? 'allowed' : 'off'}`,
      `guests: ${one.guests ? `allowed for ${one.guestHosts ?? 'everybody'}, at most ${one.guestHours} h` : 'off'}`
    ].join('\n');
  listing(command.command('get'), 'admin.user.rules', show);
  calling(
    command
      .command('set')
      .option('--pin-length <n>', 'fewest digits of a new PIN, 4 to 12')
      .option('--year-pins <allowed|refused>', 'PINs that look like a year')
      .option('--delegates <on|off>', 'whether people may let a colleague release for them')
      .option('--guests <on|off>', 'whether people may invite guests')
      .option('--guest-hosts <group>', 'only members of this group; "all": everybody')
      .option('--guest-hours <n>', 'the longest that a guest’s account lives')
      .option('--email-sign-in <on|off>', 'whether a link that is mailed signs in to the portal'),
    'admin.user.set-rules',
    (_, options) => changed(options),
    show
  );
}

/** Only what was given. What is not understood goes on as it is, so that the schema refuses it by name. */
function changed({ pinLength, yearPins, delegates, guests, guestHosts, guestHours, emailSignIn }: Values) {
  const all = {
    pinLength: pinLength === undefined ? undefined : Number(pinLength),
    yearPins,
    delegates: onOrOff(delegates),
    guests: onOrOff(guests),
    guestHosts: guestHosts === 'all' ? null : guestHosts,
    guestHours: guestHours === undefined ? undefined : Number(guestHours),
    emailSignIn: onOrOff(emailSignIn)
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const onOrOff = (text: Values[string]) => (text === 'on' ? true : text === 'off' ? false : text);
