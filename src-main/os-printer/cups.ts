import { watch } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { IppAttribute, IppValue } from '../ipp/message.ts';
import { deviceUri, placeholder } from './device-uri.ts';
import { userDefault } from './lpoptions.ts';
import type { OsPrinter, Plan, PlannedQueue, Queue, QueueStatus } from './port.ts';
import type { RunTool } from './run-tool.ts';
import { notAdministrator, type Scheduler, type SchedulerRequest } from './scheduler.ts';

export interface CupsOptions {
  readonly scheduler: Scheduler;
  readonly runTool: RunTool;
  /** The user's. */
  readonly home: string;
  /** Where cupsd keeps printers.conf: what it rewrites there is how queues are seen to change. */
  readonly serverRoot: string;
}

/**
 * CUPS on Linux, by the operations that `lpadmin` uses too. The queue is driverless; cupsd makes its PPD from what the
 * virtual printer says of itself. It takes jobs of its owner only, and where cupsd has the policy `authenticated`, as its
 * packages have, only from processes of that user: elsewhere a claimed name would do.
 */
export function cupsPrinter({ scheduler, runTool, home, serverRoot }: CupsOptions): OsPrinter {
  async function ask(name: string): Promise<IppAttribute[] | null> {
    const reply = await scheduler({
      operation: getPrinterAttributes,
      path: '/',
      queue: name,
      attributes: [{ name: 'requested-attributes', values: asked.map((value) => ({ tag: 'keyword', value })) }]
    });
    if (reply.code === notFound) return null;
    expectSuccess(reply.code);
    return reply.groups.find(({ tag }) => tag === 'printer-attributes-tag')?.attributes ?? [];
  }

  async function change(request: Omit<SchedulerRequest, 'path'>): Promise<void> {
    const { code } = await scheduler({ ...request, path: '/admin/' });
    if (request.operation === deletePrinter && code === notFound) return;
    expectSuccess(code);
  }

  /** cupsd makes the PPD after it has answered, and has no event for that: it is asked again, for a while. */
  async function untilPpd(name: string): Promise<IppAttribute[]> {
    const deadline = Date.now() + limits.printSystemSeconds * 1000;
    for (;;) {
      const attributes = await ask(name);
      if (attributes && hasPpd(attributes)) return attributes;
      if (!attributes || Date.now() > deadline)
        throw new LetterlockError('print-system-refused', 'CUPS could not read what the printer can do');
      await setTimeout(askAgainMilliseconds);
    }
  }

  return {
    async status(name) {
      const attributes = await ask(name);
      return attributes && statusOf(attributes);
    },
    async install(queue) {
      // Closed until it is complete: before its policy is set, anybody could claim to be the owner.
      const printer = [accepting(false), ...printerAttributes(queue)];
      await change({ operation: addModifyPrinter, queue: queue.name, printer });
      const policies = valuesOf(await untilPpd(queue.name), 'printer-op-policy-supported');
      const policy = policies.includes(peerPolicy) ? [name('printer-op-policy', peerPolicy)] : [];
      await change({ operation: addModifyPrinter, queue: queue.name, printer: [...policy, accepting(true)] });
      await change({ operation: resumePrinter, queue: queue.name }); // also makes cupsd look at waiting jobs at once
    },
    remove: (name) => change({ operation: deletePrinter, queue: name }),
    pause: (name) => change({ operation: pausePrinter, queue: name }),
    ...userDefault(runTool, home),
    address: ({ port }) => deviceUri(port),
    watch(listener) {
      try {
        const watcher = watch(serverRoot, { persistent: false }, (_event, file) => {
          if (file === null || file.startsWith('printers.conf')) listener();
        });
        watcher.on('error', () => undefined); // the folder went away: the next start looks again
        return () => watcher.close();
      } catch {
        return () => undefined; // a folder that may not be read: the checks at start and on changes remain
      }
    }
  };
}

/** The same in words of `lpadmin`. */
export const cupsPlan = ({ name, port, owner }: PlannedQueue): Plan => ({
  status: [`lpstat -v ${name}`],
  install: [
    '# Letterlock sends this to cupsd as CUPS-Add-Modify-Printer itself: no command line shows the secret.',
    `lpadmin -p ${name} -E -v ${deviceUri(port, placeholder)} -m everywhere -D ${name} -u allow:${owner} -o printer-is-shared=false -o printer-error-policy=retry-job -o auth-info-required=none -o printer-op-policy=authenticated`
  ],
  remove: [`lpadmin -x ${name}`]
});

const getPrinterAttributes = 0x000b;
const pausePrinter = 0x0010;
const resumePrinter = 0x0011;
const addModifyPrinter = 0x4003;
const deletePrinter = 0x4004;
const notFound = 0x0406;
/** client-error-forbidden, -not-authenticated, -not-authorized. */
const refusals: readonly number[] = [0x0401, 0x0402, 0x0403];
const peerPolicy = 'authenticated';
const askAgainMilliseconds = 200;

const asked = [
  'device-uri',
  'printer-state',
  'printer-make-and-model',
  'printer-is-accepting-jobs',
  'auth-info-required',
  'printer-op-policy-supported'
];

/** Never the text of the answer: cupsd repeats a device URI that it does not like, password included. */
function expectSuccess(code: number): void {
  if (code < 0x0100) return;
  if (refusals.includes(code)) throw notAdministrator();
  throw new LetterlockError('print-system-refused', `CUPS answered 0x${code.toString(16).padStart(4, '0')}`);
}

const printerAttributes = (queue: Queue): IppAttribute[] => [
  one('device-uri', { tag: 'uri', value: deviceUri(queue.port, queue.credentials) }),
  name('ppd-name', 'everywhere'),
  one('printer-info', { tag: 'textWithoutLanguage', value: queue.name }),
  one('printer-is-shared', { tag: 'boolean', value: false }),
  name('printer-error-policy', 'retry-job'),
  one('auth-info-required', { tag: 'keyword', value: 'none' }),
  name('requesting-user-name-allowed', queue.owner)
];
const accepting = (value: boolean): IppAttribute => one('printer-is-accepting-jobs', { tag: 'boolean', value });

/** printer-state (RFC 8011 section 5.4.11). */
const processing = 4;
const stopped = 5;

const statusOf = (attributes: readonly IppAttribute[]): QueueStatus => ({
  device: String(valuesOf(attributes, 'device-uri')[0] ?? ''),
  complete:
    hasPpd(attributes) &&
    valuesOf(attributes, 'printer-state')[0] !== stopped &&
    valuesOf(attributes, 'printer-is-accepting-jobs')[0] === true &&
    // cupsd begins to ask people for a password after the virtual printer refused the one it has.
    (valuesOf(attributes, 'auth-info-required')[0] ?? 'none') === 'none',
  busy: valuesOf(attributes, 'printer-state')[0] === processing
});

/** Without one cupsd calls a queue this, and knows nothing of the printer. */
const hasPpd = (attributes: readonly IppAttribute[]): boolean =>
  valuesOf(attributes, 'printer-make-and-model')[0] !== 'Local Raw Printer';

function one(name: string, value: IppValue): IppAttribute {
  return { name, values: [value] };
}
function name(attribute: string, value: string): IppAttribute {
  return one(attribute, { tag: 'nameWithoutLanguage', value });
}
const valuesOf = (attributes: readonly IppAttribute[], name: string): readonly IppValue['value'][] =>
  attributes.find((attribute) => attribute.name === name)?.values.map(({ value }) => value) ?? [];
