import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { type Input, type Output, type Procedure, procedures } from '../../src-preload/contract/index.ts';
import { callControl } from '../app/control-client.ts';
import { roleFolder } from '../app/role-folder.ts';
import { callWeb } from '../app/web-client.ts';
import { LetterlockError } from '../base/errors.ts';
import { globals } from './globals.ts';
import { readSecret } from './input.ts';
import { print } from './report.ts';

export type Values = Record<string, string | boolean | undefined>;
export type AdminProcedure = Extract<Procedure, `admin.${string}`>;

/**
 * Where `letterlock admin …` goes: without `--server` to the coordinator of this machine, by its control socket; with it to any
 * coordinator, over HTTPS, with an API token.
 */
export const serverOptions = (admin: Command): Command =>
  admin
    .addOption(new Option('--server <url>', 'https://… of another machine’s coordinator').env('LETTERLOCK_SERVER'))
    .option('--token <source>', 'API token: "-" reads it from standard input, @FILE from a file (or LETTERLOCK_TOKEN)')
    .addOption(
      new Option('--authority <file>', 'authority.pem of the organization; otherwise the system’s').env(
        'LETTERLOCK_AUTHORITY'
      )
    );

interface ServerOptions {
  readonly server?: string;
  readonly token?: string;
  readonly authority?: string;
}

/** Calls a procedure of an administrator. Throws what the coordinator answers. */
export async function callAdmin<P extends AdminProcedure>(
  command: Command,
  procedure: P,
  input: Input<P>
): Promise<Output<P>> {
  const { server, token, authority } = command.optsWithGlobals<ServerOptions>();
  if (server === undefined) return callControl(roleFolder(globals(command).data, 'coordinator'), procedure, input);
  const ca = authority === undefined ? undefined : await readFile(authority);
  return callWeb({ server, token: await apiToken(token), authority: ca }, procedure, input);
}

/** A command that calls one procedure: how its words become the input, and how people read the output. */
export function calling<P extends AdminProcedure>(
  command: Command,
  procedure: P,
  input: (args: string[], options: Values) => unknown,
  show: (output: Output<P>) => string
): void {
  command.option('--json', 'machine-readable output').action(async () => {
    const options = command.opts<Values>();
    const parsed = parse(procedures[procedure].input, await input(command.args, options));
    print(await callAdmin(command, procedure, parsed as Input<P>), options.json === true, show);
  });
}

export const listing = <P extends AdminProcedure>(
  command: Command,
  procedure: P,
  show: (output: Output<P>) => string
): void => calling(command, procedure, () => ({}), show);

export const done = (): string => 'Done.';

/** The same schema as at the other end, so that a slip is named here with its option. */
function parse(schema: z.ZodType, input: unknown): unknown {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new LetterlockError('input-invalid', `${issue?.path.join('.') || 'arguments'}: ${issue?.message ?? ''}`);
}

async function apiToken(source: string | undefined): Promise<string> {
  const token = source === undefined ? process.env.LETTERLOCK_TOKEN : await readSecret(source, 'token');
  if (!token) throw new LetterlockError('input-invalid', '--token: "-", @FILE, or LETTERLOCK_TOKEN');
  return token;
}
