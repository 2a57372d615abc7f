import { X509Certificate } from 'node:crypto';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../../../tests/support/certificates.ts';
import {
  attribute,
  charset,
  firstInteger,
  firstString,
  groupOf,
  integer,
  nameAttribute,
  naturalLanguage
} from '../../ipp/attributes.ts';
import { createFramer, decodeMessage, encodeMessage } from '../../ipp/codec.ts';
import type { IppAttribute, IppMessage } from '../../ipp/message.ts';
import { certificateSha256 } from '../../ipp/printer-connection.ts';
import { enumValue, operations, type StatusName, statusCode } from '../../ipp/registry.ts';

export interface PrintedJob {
  readonly number: number;
  readonly name: string;
  state: 'processing' | 'completed' | 'aborted' | 'canceled';
  readonly operation: IppAttribute[];
  readonly job: IppAttribute[];
  readonly pieces: Uint8Array[];
  /** Whether the end of the document arrived. */
  whole: boolean;
}

/** What the printer does with the next Print-Job; `accept` when there is none. */
export type Behaviour =
  | { readonly kind: 'accept'; readonly end?: PrintedJob['state'] }
  | { readonly kind: 'refuse'; readonly status: StatusName }
  /** Cuts the connection after some of the document, or after all of it; `leave` is what it remembers of the job. */
  | { readonly kind: 'cut'; readonly after: 'some' | 'all'; readonly leave: PrintedJob['state'] | 'nothing' }
  /** Takes in all of the document, remembers the job as `leave`, and answers with the status alone, no job-id. */
  | { readonly kind: 'answer'; readonly status: StatusName; readonly leave: PrintedJob['state'] | 'nothing' }
  /** Takes in some of the document and nothing more until `cut` is called. */
  | { readonly kind: 'hang'; readonly begun: () => void; readonly leave: PrintedJob['state'] };

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
  const { key, cert } = certificate();
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => request.destroy());
  };
  const server = secure ? createSecure({ key, cert }, listener) : createPlain(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = request[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;
    const framer = createFramer();
    let framed: ReturnType<typeof framer.push> = null;
    while (!framed) {
      const { value, done } = await body.next();
      if (done) return;
      framed = framer.push(value);
    }
    const message = decodeMessage(framed.header);
    const operation = Object.entries(operations).find(([, code]) => code === message.code)?.[0] ?? '';
    requests.push(operation);
    const answer = (status: StatusName, groups: IppMessage['groups'] = []) => {
      response.writeHead(200, { 'content-type': 'application/ipp', connection: 'close' });
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
      case 'Get-Jobs': {
        const completed = firstString(attributes, 'which-jobs') === 'completed';
        return answer(
          'successful-ok',
          jobs.filter(({ state }) => (state === 'processing') !== completed).map(describe)
        );
      }
      case 'Get-Job-Attributes':
        return wanted ? answer('successful-ok', [describe(wanted)]) : answer('client-error-not-found');
      case 'Cancel-Job':
        if (wanted) wanted.state = 'canceled';
        return answer('successful-ok');
      case 'Print-Job':
        return printJob(message, attributes, framed.rest);
      default:
        return answer('server-error-operation-not-supported');
    }

    async function printJob(print: IppMessage, operationAttributes: IppAttribute[], rest: Uint8Array) {
      const behaviour = script.shift() ?? { kind: 'accept' };
      if (behaviour.kind === 'refuse') return answer(behaviour.status);
      const job: PrintedJob = {
        number: jobs.length + 1,
        name: firstString(operationAttributes, 'job-name') ?? '',
        state: 'processing',
        operation: operationAttributes,
        job: groupOf(print, 'job-attributes-tag'),
        pieces: [rest],
        whole: false
      };
      const take = async () => {
        const { value, done } = await body.next();
        if (done) job.whole = true;
        else job.pieces.push(value);
        return !done;
      };
      const remember = (state: PrintedJob['state'] | 'nothing') => {
        if (state === 'nothing') return;
        job.state = state;
        jobs.push(job);
      };
      if (behaviour.kind === 'accept') {
        jobs.push(job);
        try {
          while (await take());
        } catch {
          job.state = 'aborted'; // as real printers do when the document breaks off
          return;
        }
        job.state = behaviour.end ?? 'completed';
        return answer('successful-ok', [describe(job)]);
      }
      if (behaviour.kind === 'hang') {
        remember(behaviour.leave);
        await take();
        behaviour.begun();
        return;
      }
      if (behaviour.kind === 'answer') {
        while (await take());
        remember(behaviour.leave);
        return answer(behaviour.status);
      }
      if (behaviour.after === 'some') await take();
      else while (await take());
      remember(behaviour.leave);
      request.socket.destroy();
    }
  }

  return {
    uri: `${secure ? 'ipps' : 'ipp'}://127.0.0.1:${port}/ipp/print`,
    certificateSha256: secure ? certificateSha256(new X509Certificate(cert).raw) : null,
    jobs,
    requests,
    script,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      })
  };
}
export type ScriptedPrinter = Awaited<ReturnType<typeof startScriptedPrinter>>;

const describe = ({ number, name, state }: PrintedJob) => ({
  tag: 'job-attributes-tag' as const,
  attributes: [
    integer('job-id', number),
    nameAttribute('job-name', name),
    attribute('job-state', { tag: 'enum', value: enumValue('job-state', state) })
  ]
});
