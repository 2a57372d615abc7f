import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { KiB, limits, MiB } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { acceptTls, type TlsCredentials } from './accept-tls.ts';
import { type Access, nobody, openOperations, type Requester } from './access.ts';
import { encodeAnswer, failed } from './answer.ts';
import { createFramer, type Framed, type Framer } from './codec.ts';
import { boundConnections, type Serving } from './connections.ts';
import { requestBody } from './document-stream.ts';
import { type HttpRefusal, refusal, refuseHttp, refuseStranger } from './http-gate.ts';
import { loopbackAccess } from './loopback-access.ts';
import { createOperations, type IppAnswer } from './operations.ts';
import { pageAt } from './pages.ts';
import type { PrintIntake } from './port.ts';
import { createReception } from './reception.ts';
import { badRequest } from './refusal.ts';
import { operations } from './registry.ts';
import { readRequest } from './request.ts';

export interface PrinterServerOptions {
  /** 0: any free one. */
  port: number;
  /** The address to listen on: 127.0.0.1 for the virtual printer. */
  host: string;
  /** DNS names under which the printer may be asked for besides localhost; addresses need none. */
  names?: readonly string[];
  /** printer-uuid: stable for the life of the installation. */
  uuid: string;
  /** printer-name, as people see it. */
  name: string;
  /** Who may print. Default: processes of this user, where the platform knows them; otherwise nobody. */
  access?: Access;
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
  const { host, names = [], intake, logger, clock } = options;
  const access = options.access ?? loopbackAccess({ credentials: null, clock, logger });
  const reception = createReception(intake, clock);
  const operate = createOperations({ ...options, access, reception });
  const connections = boundConnections(clock);

  async function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
    const refused = refuseHttp(request, names);
    if (refused) return refuse(response, refused);
    if (request.method !== 'POST') return answerWithoutBody(request, response);
    if (request.headers.expect) response.writeContinue();
    const body = requestBody(request, clock);
    const framer = createFramer();
    const result = await print(request, body, framer, serving);
    if ('headers' in result) {
      // Ended once the request is read: a connection that is closed over unread bytes is reset, and the answer with it.
      response.writeHead(result.status, result.headers).write(result.body);
      if (request.readableEnded) response.end();
      else request.once('close', () => response.end());
    } else {
      const bytes = encodeAnswer(framer, result);
      if (!bytes) return refuse(response, refusal(400));
      response.writeHead(200, { 'Content-Type': 'application/ipp', 'Content-Length': bytes.length }).end(bytes);
    }
    if (!request.readableEnded) drain(request, body, clock);
  }

  /** Never throws: what goes wrong becomes the answer. */
  async function print(
    request: IncomingMessage,
    body: AsyncGenerator<Uint8Array>,
    framer: Framer,
    serving: Serving
  ): Promise<IppAnswer | HttpRefusal> {
    try {
      const { header, rest } = await readHeader(request, body, framer, clock);
      const message = readRequest(header);
      const requester = openCodes.has(message.message.code) ? nobody : await admit(request, serving);
      if (!requester) return refuseStranger(request, options.tls !== undefined);
      const document = startingWith(rest, body);
      return await operate({ request: message, document, uris: printerUris(request), requester });
    } catch (error) {
      return failed(error, logger);
    }
  }

  async function admit(request: IncomingMessage, serving: Serving): Promise<Requester | null> {
    const requester = await access.admit(request);
    if (requester) serving.keep();
    return requester;
  }

  function answerWithoutBody({ method, url = '/' }: IncomingMessage, response: ServerResponse): void {
    if (method === 'OPTIONS') {
      response.writeHead(200, { Allow: 'GET, HEAD, OPTIONS, POST', 'Content-Length': 0 }).end();
    } else {
      const about = { name: options.name, state: intake.printerState(), accepting: intake.refusal() === null };
      const { headers, body } = pageAt(url.split('?', 1)[0] ?? '', about);
      response.writeHead(200, headers).end(body);
    }
  }

  /** In the scheme that was asked first, under the name that was asked: clients compare. */
  function printerUris(request: IncomingMessage): [string, ...string[]] {
    const { host } = request.headers;
    const [plain, secure] = [`ipp://${host}/ipp/print`, `ipps://${host}/ipp/print`];
    if (!options.tls) return [plain];
    return isSecure(request) ? [secure, plain] : [plain, secure];
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    response.on('error', () => undefined);
    const serving = connections.begin(request.socket);
    if (!serving) {
      refuse(response, refusal(503));
      return;
    }
    response.once('close', serving.end);
    answer(request, response, serving).catch((error: unknown) => {
      logger.error({ error }, 'print request lost');
      request.socket.destroy();
    });
  };
  const server = createServer(
    {
      maxHeaderSize: 16 * KiB,
      highWaterMark: 256 * KiB,
      // Node's own times are off: `connections` bounds everything but documents, which take as long as they take
      headersTimeout: 0,
      requestTimeout: 0,
      keepAliveTimeout: 0
    },
    onRequest
  );
  server.on('checkContinue', onRequest);
  acceptTls(server, { credentials: options.tls, admit: connections.add, isServing: connections.isServing });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ port: options.port, host }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    uri: `ipp://${host.includes(':') ? `[${host}]` : host}:${port}/ipp/print`,
    port,
    async close() {
      reception.close();
      operate.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      connections.close();
      await closed;
    }
  };
}

const openCodes: ReadonlySet<number> = new Set([...openOperations].map((name) => operations[name]));

const isSecure = ({ socket }: IncomingMessage): boolean => socket instanceof TLSSocket;

const refuse = (response: ServerResponse, { status, headers, body }: HttpRefusal): void => {
  response.writeHead(status, headers).end(body);
};

/** The attributes must have come in a time: whoever sends them isn't known yet. */
async function readHeader(
  request: IncomingMessage,
  body: AsyncGenerator<Uint8Array>,
  framer: Framer,
  clock: Clock
): Promise<Framed> {
  const off = clock.after(limits.stalledTransferSeconds * 1000, () => request.destroy());
  try {
    for (;;) {
      const { done, value } = await body.next();
      if (done) throw badRequest('the message is cut off');
      const framed = framer.push(value);
      if (framed) return framed;
    }
  } finally {
    off();
  }
}

async function* startingWith(
  rest: Uint8Array,
  body: AsyncGenerator<Uint8Array>
): AsyncGenerator<Uint8Array, void, undefined> {
  if (rest.length > 0) yield rest;
  yield* body;
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
