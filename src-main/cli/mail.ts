import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Output } from '../../src-preload/contract/index.ts';
import { calling, done, listing } from './admin-call.ts';
import { readSecret } from './input.ts';

/** `letterlock admin mail …`: the organization's mail server. */
export function addMailCommands(mail: Command): void {
  const show = (one: Output<'admin.mail.get'>) =>
    one
      ? `${one.host}:${one.port} (TLS: ${one.tls}), from ${one.from}, ${one.user === null ? 'without a user' : `as ${one.user}`}`
      : 'Not set up: nothing is mailed.';
  listing(mail.command('show'), 'admin.mail.get', show);
  calling(
    mail
      .command('set')
      .description('tries the server first')
      .requiredOption('--host <name>', 'of the mail server')
      .requiredOption('--from <address>', 'whom mails come from')
      .option('--port <n>', 'otherwise 465, or 587 with STARTTLS')
      .option('--tls <how>', 'implicit, starttls, or none (to a loopback address only)', 'implicit')
      .option('--user <name>')
      .option('--password <source>', '"-" reads it from standard input, @FILE from a file; otherwise it stays')
      .option('--ca <file>', 'PEM of the authority of its certificate; otherwise the system’s'),
    'admin.mail.set',
    async (_, { host, from, port, tls, user, password, ca }) => ({
      ...{ host, from, tls, user },
      port: port === undefined ? (tls === 'implicit' ? 465 : 587) : Number(port),
      authority: typeof ca === 'string' ? await readFile(ca, 'utf8') : null,
      ...(typeof password === 'string' && { password: await readSecret(password, 'password') })
    }),
    show
  );
  calling(mail.command('remove').description('nothing is mailed any more'), 'admin.mail.remove', () => ({}), done);
  calling(
    mail.command('test <address>').description('mails a test there'),
    'admin.mail.test',
    ([to]) => ({ to }),
    done
  );
}
