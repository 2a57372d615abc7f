import type { Command } from 'commander';
import { calling, done, listing } from './admin-call.ts';
import { table } from './report.ts';

/** `letterlock admin admin|api-token|api …`: who administers, programs that do, and what they can call. */
export function addAdministratorCommands(admin: Command): void {
  administrators(admin.command('admin').description('administrators and their roles'));
  apiTokens(admin.command('api-token').description('tokens for programs'));
  admin
    .command('api')
    .command('describe')
    .description('the programming interface as OpenAPI 3.1')
    .action(async () => {
      const { openApi } = await import('../coordinator/web/openapi.ts');
      process.stdout.write(`${JSON.stringify(openApi(), null, 2)}\n`);
    });
}

function administrators(command: Command): void {
  const role = 'owner, operator or auditor';
  listing(command.command('list'), 'admin.admin.list', (all) =>
    table(
      ['NAME', 'ROLE', 'SECOND FACTOR', 'LAST SIGN-IN'],
      all.map((one) => [
        one.name,
        one.role,
        [...(one.totp ? ['authenticator'] : []), ...(one.passkeys > 0 ? [`${one.passkeys} passkeys`] : [])].join(', '),
        one.lastSignIn
      ]),
      'No administrator.'
    )
  );
  calling(
    command.command('add <name>').requiredOption('--role <role>', role),
    'admin.admin.add',
    ([name], { role }) => ({ name, role }),
    (one) => `Added ${one.name} (${one.role}). First password, shown this once: ${one.password}`
  );
  calling(
    command.command('set-role <name>').requiredOption('--role <role>', role),
    'admin.admin.set-role',
    ([name], { role }) => ({ name, role }),
    (one) => `${one.name} is ${one.role} now.`
  );
  calling(
    command.command('reset <name>').description('a new password, no second factor, no session'),
    'admin.admin.reset',
    ([name]) => ({ name }),
    ({ password }) => `New password, shown this once: ${password}`
  );
  calling(command.command('remove <name>'), 'admin.admin.remove', ([name]) => ({ name }), done);
}

function apiTokens(command: Command): void {
  calling(
    command
      .command('create <name>')
      .requiredOption(
        '--scopes <scopes>',
        'area:right, comma between; rights are read, manage, dangerous; area * is all'
      )
      .option('--days <n>', 'how long it lives', '90'),
    'admin.api-token.create',
    ([name], { scopes, days }) => ({ name, scopes: String(scopes).split(','), days: Number(days) }),
    (one) => one.token
  );
  listing(command.command('list'), 'admin.api-token.list', (all) =>
    table(
      ['TOKEN', 'NAME', 'SCOPES', 'EXPIRES', 'LAST USED'],
      all.map((one) => [one.id, one.name, one.scopes.join(','), one.expires, one.lastUsed]),
      'No API token.'
    )
  );
  calling(command.command('revoke <token>'), 'admin.api-token.revoke', ([id]) => ({ id }), done);
}
