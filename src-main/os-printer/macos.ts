import { LetterlockError } from '../base/errors.ts';
import { deviceUri, placeholder } from './device-uri.ts';
import { userDefault } from './lpoptions.ts';
import type { OsPrinter, Plan, PlannedQueue, Queue } from './port.ts';
import type { RunTool, ToolResult } from './run-tool.ts';

export interface MacosOptions {
  readonly runTool: RunTool;
  /** The user's. */
  readonly home: string;
  /** cupsd, as the host of a URI. */
  readonly server?: string;
}

/**
 * CUPS on macOS, by its own programs: they prove to cupsd who asks in Apple's way. `lpadmin` is told an address without
 * credentials; these follow by `ipptool`, which reads them from standard input.
 *
 * macOS asks people for a password on a queue that wants authentication, so this one doesn't: another user of the Mac who
 * claims the owner's name can print there.
 */
export function macosPrinter({ runTool, home, server = 'localhost' }: MacosOptions): OsPrinter {
  async function run(file: string, args: readonly string[]): Promise<void> {
    const { code, stderr } = await runTool(file, args);
    if (code === 0) return;
    if (/unable to connect/i.test(stderr)) throw new LetterlockError('print-system-unavailable', 'CUPS');
    const why = /forbidden|unauthorized|not authorized/i.test(stderr) ? notAdministrator : file;
    throw new LetterlockError('print-system-refused', why);
  }

  async function device(name: string): Promise<string | null> {
    const { stdout } = await runTool('lpstat', ['-v', name]);
    const found = /^device for [^:]+: (\S+)$/m.exec(stdout)?.[1];
    if (found) return found;
    // lpstat says that there is no such printer also when it reached nobody.
    const scheduler = await runTool('lpstat', ['-r']);
    if (!/is running/.test(scheduler.stdout)) throw new LetterlockError('print-system-unavailable', 'CUPS');
    return null;
  }

  return {
    async status(name) {
      const found = await device(name);
      if (found === null) return null;
      const state = await runTool('lpstat', ['-a', name, '-p', name]);
      return { device: found, complete: isOpen(state), busy: /^printer \S+ now printing/m.test(state.stdout) };
    },
    async install(queue) {
      await run('lpadmin', installArguments(queue));
      const { stdout } = await runTool('/bin/sh', ['-c', pipe, 'sh', `ipp://${server}/`], credentialsRequest(queue));
      // Its exit code says nothing, and CUPS shows credentials to nobody: this line is the only proof.
      if (!stdout.includes('[PASS]')) throw new LetterlockError('print-system-refused', 'ipptool');
    },
    async remove(name) {
      if ((await device(name)) !== null) await run('lpadmin', ['-x', name]);
    },
    pause: (name) => run('cupsdisable', [name]),
    ...userDefault(runTool, home),
    address: ({ port }) => deviceUri(port),
    watch: () => () => undefined
  };
}

/** The same for a person to type. */
export const macosPlan = (queue: PlannedQueue): Plan => ({
  status: [`lpstat -v ${queue.name}`],
  install: [
    ['lpadmin', ...installArguments(queue)].join(' '),
    "ipptool -t ipp://localhost/ /dev/stdin <<'END'",
    `${credentialsRequest({ ...queue, credentials: placeholder })}END`
  ],
  remove: [`lpadmin -x ${queue.name}`]
});

const installArguments = (queue: PlannedQueue): string[] => [
  '-p',
  queue.name,
  '-E',
  '-v',
  deviceUri(queue.port),
  '-m',
  'everywhere',
  '-D',
  queue.name,
  '-u',
  `allow:${queue.owner}`,
  '-o',
  'printer-is-shared=false',
  '-o',
  'printer-error-policy=retry-job',
  '-o',
  'auth-info-required=none'
];

/** A constant. /dev/stdin can be opened where it is a pipe, and Node gives programs a socket. */
const pipe = 'cat | ipptool -t "$1" /dev/stdin';

/** In the language of ipptoolfile(7). Its values need no quoting beyond this: deviceUri encodes what could end them. */
const credentialsRequest = (queue: PlannedQueue & Pick<Queue, 'credentials'>): string => `{
  OPERATION CUPS-Add-Modify-Printer
  RESOURCE /admin/
  GROUP operation-attributes-tag
  ATTR charset attributes-charset utf-8
  ATTR language attributes-natural-language en
  ATTR uri printer-uri "ipp://localhost/printers/${queue.name}"
  GROUP printer-attributes-tag
  ATTR uri device-uri "${deviceUri(queue.port, queue.credentials)}"
  STATUS successful-ok
}
`;

const isOpen = ({ stdout }: ToolResult): boolean =>
  /^\S+ accepting requests since/m.test(stdout) && !/^printer \S+ disabled since/m.test(stdout);
const notAdministrator = 'only administrators of this Mac may add printers';
