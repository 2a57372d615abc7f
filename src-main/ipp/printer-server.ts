import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { asLetterlockError } from '../base/errors.ts';
import { KiB, limits, MiB } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { acceptTls, type TlsCredentials } from './accept-tls.ts';
import { attribute, charset, naturalLanguage } from './attributes.ts';
import { createFramer, encodeMessage, type Framed, type Framer } from './codec.ts';
import { requestBody } from './document-stream.ts';
import { refuseHttp } from './http-gate.ts';
import { statusMessage, statusOf } from './intake-status.ts';
import type { IppGroup } from './message.ts';
import { createOperations, type IppAnswer } from './operations.ts';
import type { PrintIntake } from './port.ts';
import { createReception } from './reception.ts';
import { badRequest, IppRefusal } from './refusal.ts';
import { statusCode } from './registry.ts';
import { readRequest } from './request.ts';

export interface PrinterServerOptions {
  /** 0: any free one. */
  port: number;
  /** The address to listen on: 127.0.0.1 for the virtual printer. */
  host: string;
  /** printer-uuid: stable for the life of the installation. */
  uuid: string;
  /** printer-name, as people see it. */
  name: string;
  intake: PrintIntake;
  logger: Logger;
  clock: Clock;
  /** Serves IPPS too, on the same port. A certificate that clients have pinned must live long and be renewed by a longer one. */
  tls?: TlsCredentials;
}

export interface PrinterServer {
  /** ipp://HOST:PORT/ipp/print */
  uri: string;
  port: number;
  /** Ends uploads and connections. */
  close(): Promise<void>;
}

/**
 * The virtual printer: IPP over HTTP (RFC 8010), streaming. It holds no document and no history; both are the intake's.
 * Rejects with the error of listen() if the port is taken.
 */
export async function startPrinterServer(options: PrinterServerOptions): Promise<PrinterServer> {
  const { host, intake, logger, clock } = options;
  const reception = createReception(intake, clock);
  const operate = createOperations({ ...options, reception });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refuseHttp(request, host);
    if (refused) {
      response.writeHead(refused.status, { ...refused.headers, Connection: 'close' }).end(refused.body);
      return;
    }
    if (request.headers.expect) response.writeContinue();
    const body = requestBody(request, clock);
    const framer = createFramer();
    const bytes = respond(framer, await operateSafely(request, body, framer));
    response.on('error', () => undefined);
    if (bytes)
      response.writeHead(200, { 'Content-Type': 'application/ipp', 'Content-Length': bytes.length }).end(bytes);
    else response.writeHead(400, { Connection: 'close' }).end();
    if (!request.readableEnded) drain(request, body, clock);
  }

  /** In the scheme that was asked first, under the name that was asked: clients compare. */
  function printerUris({ socket, headers }: IncomingMessage): [string, ...string[]] {
    const [plain, secure] = [`ipp://${headers.host}/ipp/print`, `ipps://${headers.host}/ipp/print`];
    if (!options.tls) return [plain];
    return socket instanceof TLSSocket ? [secure, plain] : [plain, secure];
  }

  /** Never throws: what goes wrong becomes the answer. */
  async function operateSafely(
    request: IncomingMessage,
    body: AsyncGenerator<Uint8Array>,
    framer: Framer
  ): Promise<IppAnswer & { statusMessage?: string }> {
    try {
      const { header, rest } = await readHeader(body, framer);
      const document = startingWith(rest, body);
      return await operate({ request: readRequest(header), document, uris: printerUris(request) });
    } catch (error) {
      if (error instanceof IppRefusal) {
        const unsupported: IppGroup = { tag: 'unsupported-attributes-tag', attributes: [...error.unsupported] };
        const groups = error.unsupported.length > 0 ? [unsupported] : [];
        return { status: error.status, statusMessage: error.reason, groups };
      }
      const known = asLetterlockError(error);
      logger[known.code === 'internal' ? 'error' : 'info']({ code: known.code, error: known }, 'print request failed');
      return { status: statusOf(known), statusMessage: statusMessage(known), groups: [] };
    }
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      logger.error({ error }, 'print request lost');
      request.destroy();
    });
  };
  const server = createServer(
    {
      maxHeaderSize: 16 * KiB,
      headersTimeout: limits.stalledTransferSeconds * 1000,
      requestTimeout: 0, // a document takes as long as it takes; requestBody knows when it stalls
      keepAliveTimeout: 60_000,
      highWaterMark: 256 * KiB
    },
    onRequest
  );
  server.maxConnections = limits.ippConnections;
  server.on('checkContinue', onRequest);
  const closeUndecided = options.tls ? acceptTls(server, options.tls) : () => undefined;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ port: options.port, host }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    uri: `ipp://${host.includes(':') ? `[${host}]` : host}:${port}/ipp/print`,
    port,
    async close() {
      reception.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      closeUndecided();
      await closed;
    }
  };
}

async function readHeader(body: AsyncGenerator<Uint8Array>, framer: Framer): Promise<Framed> {
  for (;;) {
    const { done, value } = await body.next();
    if (done) throw badRequest('the message is cut off');
    const framed = framer.push(value);
    if (framed) return framed;
  }
}

async function* startingWith(
  rest: Uint8Array,
  body: AsyncGenerator<Uint8Array>
): AsyncGenerator<Uint8Array, void, undefined> {
  if (rest.length > 0) yield rest;
  yield* body;
}

/** The response as bytes; null if not even version and request-id have come. */
function respond(framer: Framer, answer: IppAnswer & { statusMessage?: string }): Uint8Array | null {
  const prefix = framer.prefix();
  if (!prefix) return null;
  return encodeMessage({
    version: ['1.0', '1.1', '2.0'].includes(prefix.version) ? prefix.version : '2.0',
    code: statusCode(answer.status),
    requestId: prefix.requestId,
    groups: [
      {
        tag: 'operation-attributes-tag',
        attributes: [
          charset('attributes-charset', 'utf-8'),
          naturalLanguage('attributes-natural-language', 'en'),
          ...(answer.statusMessage
            ? [attribute('status-message', { tag: 'textWithoutLanguage', value: answer.statusMessage.slice(0, 255) })]
            : [])
        ]
      },
      ...answer.groups
    ]
  });
}

/** Reads on after an early answer, so that the client gets to see it: a moment long, and not without end. */
function drain(request: IncomingMessage, body: AsyncGenerator<Uint8Array>, clock: Clock): void {
  void body.return(undefined);
  let left = 16 * MiB;
  const off = clock.after(limits.stalledTransferSeconds * 1000, () => request.destroy());
  request.on('close', off);
  request.on('data', (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}
