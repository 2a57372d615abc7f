import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Output } from '../../src-preload/contract/index.ts';
import { LetterlockError } from '../base/errors.ts';
import { calling, done, listing } from './admin-call.ts';
import { readSecret } from './input.ts';
import { table } from './report.ts';

/** `letterlock admin sso …`: single sign-on with the organization's identity provider. */
export function addSsoCommands(sso: Command): void {
  const show = (one: Output<'admin.sso.get'>) =>
    one
      ? `${one.name}: ${one.issuer}, client ${one.clientId} (${one.hasSecret ? 'secret set' : 'no secret'})`
      : 'Not set up.';
  listing(sso.command('show').description('`--json` gives what `set` reads'), 'admin.sso.get', show);
  calling(
    sso
      .command('set <file>')
      .description('settings as JSON: name, issuer, clientId, authority, createUsers, linkByEmail, adminGroups …')
      .option('--client-secret <source>', '"-" reads it from standard input, @FILE from a file; otherwise it stays')
      .option('--no-client-secret', 'a public client'),
    'admin.sso.set',
    async ([file = ''], { clientSecret }) => {
      // As `show --json` writes it.
      const { hasSecret: _, ...settings } = await json(file);
      if (clientSecret === undefined || clientSecret === true) return settings;
      return {
        ...settings,
        clientSecret: clientSecret === false ? null : await readSecret(clientSecret, 'client-secret')
      };
    },
    show
  );
  calling(
    sso.command('remove').description('nobody signs in through the provider any more'),
    'admin.sso.remove',
    () => ({}),
    done
  );
  listing(sso.command('links').description('who of the provider is who here'), 'admin.sso.link.list', (all) =>
    table(
      ['LINK', 'KIND', 'ACCOUNT', 'SUBJECT', 'LAST SIGN-IN'],
      all.map((one) => [one.id, one.kind, one.name ?? `${one.account} (removed)`, one.subject, one.lastSignIn]),
      'Nobody has signed in through the provider.'
    )
  );
  calling(
    sso.command('unlink <link>').description('their next sign-in is a first one'),
    'admin.sso.link.remove',
    ([id]) => ({ id }),
    done
  );
}

async function json(file: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw new LetterlockError('input-invalid', `${file}: JSON`, { cause });
  }
}
