import { X509Certificate } from 'node:crypto';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../../../tests/support/certificates.ts';
import {
  attribute,
  boolean,
  charset,
  enums,
  firstInteger,
  firstString,
  groupOf,
  integer,
  keyword,
  mimeMediaType,
  nameAttribute,
  naturalLanguage,
  textAttribute
} from '../../ipp/attributes.ts';
import { createFramer, decodeMessage, encodeMessage } from '../../ipp/codec.ts';
import type { IppAttribute, IppMessage } from '../../ipp/message.ts';
import { certificateSha256 } from '../../ipp/printer-connection.ts';
import { enumValue, type OperationName, operations, type StatusName, statusCode } from '../../ipp/registry.ts';

export interface PrintedJob {
  readonly number: number;
  readonly name: string;
  /** requesting-user-name. */
  readonly user: string;
  state: 'pending' | 'processing' | 'completed' | 'aborted' | 'canceled';
  reasons: string[];
  readonly operation: IppAttribute[];
  readonly job: IppAttribute[];
  readonly documents: PrintedDocument[];
}

export interface PrintedDocument {
  readonly operation: IppAttribute[];
  readonly template: IppAttribute[];
  readonly pieces: Uint8Array[];
  /** Whether its end arrived. */
  whole: boolean;
}

/** What the printer does with the next document; `accept` when there is none. */
export type Behaviour =
  | { readonly kind: 'accept'; readonly end?: PrintedJob['state'] }
  | { readonly kind: 'refuse'; readonly status: StatusName }
  /** Cuts the connection after some of the document, or after all of it; `leave` is what it remembers of the job. */
  | { readonly kind: 'cut'; readonly after: 'some' | 'all'; readonly leave: PrintedJob['state'] | 'nothing' }
  /** Takes in all of the document, remembers the job as `leave`, and answers with the status alone, no job-id. */
  | { readonly kind: 'answer'; readonly status: StatusName; readonly leave: PrintedJob['state'] | 'nothing' }
  /** Takes in some of the document, and the rest when `until` resolves; never, where there is none. */
  | { readonly kind: 'hang'; readonly begun: () => void; readonly leave: PrintedJob['state']; until?: Promise<void> };

let made: ReturnType<typeof selfSigned> | undefined;
const certificate = () => {
  made ??= selfSigned();
  return made;
};

/** A printer that does as it is told, over TLS with a certificate of its own or plain. For tests. */
export async function startScriptedPrinter({ secure = true } = {}) {
  const jobs: PrintedJob[] = [];
  const script: Behaviour[] = [];
  const requests: string[] = [];
  /** What it says of itself; a test changes it. */
  const can = {
    operations: [
      ...['Print-Job', 'Create-Job', 'Send-Document', 'Cancel-Job', 'Get-Job-Attributes', 'Get-Jobs'],
      'Get-Printer-Attributes'
    ] as OperationName[],
    multipleDocuments: true,
    formats: ['application/pdf', 'image/jpeg'],
    accepting: true,
    deviceId: 'MFG:Test;CMD:PDF,JPEG;',
    state: 'idle',
    reasons: ['none'],
    /** job-impressions-completed of each job; undefined: it doesn't count. */
    impressions: undefined as number | undefined
  };
  /** Operations that are not answered: the connection is cut. */
  const mute = new Set<string>();
  let connections = 0;
  const { key, cert } = certificate();
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => request.destroy());
  };
  const server = secure ? createSecure({ key, cert }, listener) : createPlain(listener);
  server.on(secure ? 'secureConnection' : 'connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const describe = (job: PrintedJob) => describeJob(job, can.impressions);
  const checks = new Set<() => void>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = request[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;
    const framer = createFramer();
    let framed: ReturnType<typeof framer.push> = null;
    while (!framed) {
      const { value, done } = await body.next();
      if (done) return;
      framed = framer.push(value);
    }
    const { rest } = framed;
    const message = decodeMessage(framed.header);
    const operation = Object.entries(operations).find(([, code]) => code === message.code)?.[0] ?? '';
    requests.push(operation);
    for (const check of checks) check();
    const answer = (status: StatusName, groups: IppMessage['groups'] = []) => {
      response.writeHead(200, { 'content-type': 'application/ipp' });
      response.end(
        encodeMessage({
          version: '2.0',
          code: statusCode(status),
          requestId: message.requestId,
          groups: [
            {
              tag: 'operation-attributes-tag',
              attributes: [charset('attributes-charset', 'utf-8'), naturalLanguage('attributes-natural-language', 'en')]
            },
            ...groups
          ]
        })
      );
    };
    const attributes = groupOf(message, 'operation-attributes-tag');
    const wanted = jobs.find(({ number }) => number === firstInteger(attributes, 'job-id'));

    switch (operation) {
      case 'Get-Printer-Attributes':
        if (!mute.has(operation))
          return answer('successful-ok', [{ tag: 'printer-attributes-tag', attributes: describePrinter(can) }]);
        break;
      case 'Get-Jobs': {
        if (mute.has(operation)) break;
        const completed = firstString(attributes, 'which-jobs') === 'completed';
        return answer('successful-ok', jobs.filter((job) => isOver(job) === completed).map(describe));
      }
      case 'Get-Job-Attributes':
        if (mute.has(operation)) break;
        return wanted ? answer('successful-ok', [describe(wanted)]) : answer('client-error-not-found');
      case 'Cancel-Job':
        if (!wanted || isOver(wanted)) return answer('client-error-not-possible');
        wanted.state = 'canceled';
        return answer('successful-ok');
      case 'Create-Job': {
        const job = newJob(['job-incoming']);
        jobs.push(job);
        if (!mute.has(operation)) return answer('successful-ok', [describe(job)]);
        break;
      }
      case 'Print-Job':
        return takeDocument(newJob([]), true);
      case 'Send-Document': {
        const last = attributes.find(({ name }) => name === 'last-document')?.values[0]?.value === true;
        return wanted ? takeDocument(wanted, last) : answer('client-error-not-found');
      }
      default:
        return answer('server-error-operation-not-supported');
    }
    request.socket.destroy();

    function newJob(reasons: string[]): PrintedJob {
      return {
        number: jobs.length + 1,
        name: firstString(attributes, 'job-name') ?? '',
        user: firstString(attributes, 'requesting-user-name') ?? '',
        state: 'pending',
        reasons,
        operation: attributes,
        job: groupOf(message, 'job-attributes-tag'),
        documents: []
      };
    }

    async function takeDocument(job: PrintedJob, last: boolean): Promise<void> {
      const behaviour = script.shift() ?? { kind: 'accept' };
      if (behaviour.kind === 'refuse') return answer(behaviour.status);
      const template = groupOf(message, 'document-attributes-tag');
      const document: PrintedDocument = { operation: attributes, template, pieces: [rest], whole: false };
      job.documents.push(document);
      job.reasons = [];
      const take = async () => {
        const { value, done } = await body.next();
        if (done) document.whole = true;
        else document.pieces.push(value);
        return !done;
      };
      const remember = (state: PrintedJob['state'] | 'nothing') => {
        const at = jobs.indexOf(job);
        if (state === 'nothing' && at >= 0) jobs.splice(at, 1);
        if (state !== 'nothing' && at < 0) jobs.push(job);
        if (state !== 'nothing') job.state = state;
      };
      remember('processing');
      try {
        switch (behaviour.kind) {
          case 'hang':
            await take();
            remember(behaviour.leave);
            behaviour.begun();
            if (!behaviour.until) return;
            await behaviour.until;
            break;
          case 'cut':
            if (behaviour.after === 'some') await take();
            else while (await take());
            remember(behaviour.leave);
            request.socket.destroy();
            return;
          case 'answer':
            while (await take());
            remember(behaviour.leave);
            return answer(behaviour.status);
        }
        while (await take());
      } catch {
        job.state = 'aborted'; // as real printers do when the document breaks off
        return;
      }
      if (last) job.state = behaviour.kind === 'accept' ? (behaviour.end ?? 'completed') : 'completed';
      return answer('successful-ok', [describe(job)]);
    }
  }

  return {
    uri: `${secure ? 'ipps' : 'ipp'}://127.0.0.1:${port}/ipp/print`,
    certificateSha256: secure ? certificateSha256(new X509Certificate(cert).raw) : null,
    jobs,
    requests,
    script,
    can,
    mute,
    /** Resolves with the request that makes it true. */
    until: (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        const check = () => holds() && resolve();
        checks.add(check);
        check();
      }),
    connections: () => connections,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      })
  };
}
export type ScriptedPrinter = Awaited<ReturnType<typeof startScriptedPrinter>>;

const isOver = ({ state }: PrintedJob): boolean => state !== 'pending' && state !== 'processing';

const describeJob = (
  { number, name, user, state, reasons, documents }: PrintedJob,
  impressions: number | undefined
) => ({
  tag: 'job-attributes-tag' as const,
  attributes: [
    integer('job-id', number),
    nameAttribute('job-name', name),
    nameAttribute('job-originating-user-name', user),
    attribute('job-state', { tag: 'enum', value: enumValue('job-state', state) }),
    keyword('job-state-reasons', ...(reasons.length > 0 ? reasons : ['none'])),
    integer('number-of-documents', documents.length),
    ...(impressions === undefined ? [] : [integer('job-impressions-completed', impressions)])
  ]
});

const describePrinter = (can: {
  operations: readonly OperationName[];
  multipleDocuments: boolean;
  formats: readonly string[];
  accepting: boolean;
  deviceId: string;
  state: string;
  reasons: readonly string[];
}): IppAttribute[] => [
  attribute(
    'operations-supported',
    ...can.operations.map((name) => ({ tag: 'enum', value: operations[name] }) as const)
  ),
  boolean('multiple-document-jobs-supported', can.multipleDocuments),
  mimeMediaType('document-format-supported', ...can.formats),
  boolean('printer-is-accepting-jobs', can.accepting),
  textAttribute('printer-device-id', can.deviceId),
  enums('printer-state', can.state),
  keyword('printer-state-reasons', ...can.reasons)
];
