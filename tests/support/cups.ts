import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startProcess } from '../../build/server-process.mjs';

const run = promisify(execFile);

export interface Cupsd {
  /** Where it listens, and where it keeps printers.conf: what CUPS programs are told as CUPS_SERVER and CUPS_SERVERROOT. */
  readonly environment: { readonly CUPS_SERVER: string; readonly CUPS_SERVERROOT: string; readonly HOME: string };
  /** Runs a CUPS client program (lp, lpadmin, lpstat…) against this scheduler. */
  client(command: string, ...args: string[]): Promise<string>;
  /** The same as another user of the machine. */
  clientAs(user: string, command: string, ...args: string[]): Promise<string>;
  /** Resolves when this job (1, 2, …) has left its queue; rejects after a while with what CUPS logged about it. Await it beside what the printer says. */
  completed(job: number): Promise<string>;
  close(): Promise<void>;
}

interface CupsdOptions {
  readonly port?: number;
  /** Logs as it is delivered, not all that it does: for measurements. `completed` sees nothing then. */
  readonly terse?: boolean;
}

/** A real, private cupsd: its own socket, spool and state in a fresh folder, on request a TCP port too. Needs root, because filters run as lp. */
export async function startCupsd({ port, terse = false }: CupsdOptions = {}): Promise<Cupsd> {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-cups-'));
  await chmod(folder, 0o755);
  const lp = Number((await run('id', ['-g', 'lp'])).stdout);
  for (const name of ['root', 'state', 'cache', 'spool', 'tmp']) {
    await mkdir(join(folder, name), { mode: 0o770 });
    await chown(join(folder, name), 0, lp);
  }
  const socket = join(folder, 'cups.sock');
  await writeFile(join(folder, 'files.conf'), filesConf(folder));
  await writeFile(
    join(folder, 'cupsd.conf'),
    cupsdConf(port === undefined ? [socket] : [socket, `127.0.0.1:${port}`], terse ? 'info' : 'debug2')
  );
  const args = ['-f', '-c', join(folder, 'cupsd.conf'), '-s', join(folder, 'files.conf')];
  const cupsd = await startProcess('cupsd', args, terse ? /Full reload complete/ : /event=server-started/);
  const environment = { CUPS_SERVER: socket, CUPS_SERVERROOT: join(folder, 'root'), HOME: folder };
  const client: Cupsd['client'] = async (command, ...args) =>
    (await run(command, args, { env: { ...process.env, ...environment, LC_ALL: 'C' } })).stdout;
  return {
    environment,
    client,
    clientAs: (user, ...command) => client('setpriv', '--reuid', user, '--clear-groups', ...command),
    completed: (job) =>
      Promise.race([
        cupsd.logged(new RegExp(`\\[Job ${job}\\] Job completed`)),
        setTimeout(patience).then(() => {
          throw new Error(`CUPS did not complete job ${job}:\n${cupsd.lines().filter(aboutJob(job)).join('\n')}`);
        })
      ]),
    async close() {
      await cupsd.stop();
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** Longer than any of its own retries takes; what it logged then says why. */
const patience = 60_000;
const aboutJob = (job: number) => (line: string) => line.includes(`[Job ${job}]`);

const filesConf = (folder: string): string => `ServerRoot ${folder}/root
StateDir ${folder}/state
CacheDir ${folder}/cache
RequestRoot ${folder}/spool
TempDir ${folder}/tmp
ErrorLog stderr
AccessLog ${folder}/access_log
PageLog ${folder}/page_log
SystemGroup root
FileDevice Yes
`;

/** Administration and the policy `authenticated` are as in the configuration that CUPS is delivered with. */
const cupsdConf = (
  addresses: readonly string[],
  logLevel: string
): string => `${addresses.map((address) => `Listen ${address}`).join('\n')}
Browsing Off
LogLevel ${logLevel}
DirtyCleanInterval 0
DefaultAuthType Basic
<Location />
Order allow,deny
Allow all
</Location>
<Policy default>
${administration}
<Limit All>
Order deny,allow
</Limit>
</Policy>
<Policy authenticated>
<Limit Create-Job Print-Job Print-URI Validate-Job>
AuthType Default
Order deny,allow
</Limit>
${administration}
<Limit All>
Order deny,allow
</Limit>
</Policy>
`;

const administration = `<Limit CUPS-Add-Modify-Printer CUPS-Delete-Printer CUPS-Set-Default>
AuthType Default
Require user @SYSTEM
Order deny,allow
</Limit>`;
