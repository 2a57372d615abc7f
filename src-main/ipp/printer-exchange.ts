import { request as httpRequest, type IncomingMessage } from 'node:http';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { createFramer, decodeMessage, encodeMessage } from './codec.ts';
import type { IppMessage } from './message.ts';
import { breakOff, type PrinterConnection } from './printer-connection.ts';
import { isSuccess } from './registry.ts';

export interface Exchange {
  /** Where to POST. */
  path: string;
  /** Value of the Host header. */
  host: string;
  message: IppMessage;
  document?: AsyncIterable<Uint8Array> | undefined;
  signal: AbortSignal;
}

/**
 * One IPP request and its answer (RFC 8010 section 3.4) over a connection, which is used up. Throws what `document` throws,
 * the signal's reason, or LetterlockError: printer-unreachable; printer-refused for an answer of HTTP only; job-uncertain
 * when the whole document was sent and no answer came that can be understood.
 */
export async function exchange(
  connection: PrinterConnection,
  { path, host, message, document, signal }: Exchange
): Promise<IppMessage> {
  const { socket } = connection;
  const header = encodeMessage(message);
  const length = document ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': header.length };
  const headers = { Host: host, 'Content-Type': 'application/ipp', Connection: 'close', ...length };
  const request = httpRequest({ method: 'POST', path, headers, createConnection: () => socket });

  /** The answer may come before the end of the document: then the rest of it isn't wanted. */
  let response: IncomingMessage | undefined;
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  const event = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  const settled = (): boolean => response !== undefined || failure !== undefined;
  request.on('response', (incoming) => {
    response = incoming;
    wake();
  });
  request.on('error', (error) => {
    failure = error;
    wake();
  });
  request.on('close', () => {
    failure ??= new Error('the connection ended');
    wake();
  });
  request.on('drain', () => wake());
  socket.setTimeout(limits.stalledTransferSeconds * 1000, () => request.destroy(new Error('the printer went silent')));
  const incomplete = (): boolean => document !== undefined && !request.writableEnded;
  const onAbort = (): void => {
    failure ??= new Error('aborted');
    if (incomplete()) void breakOff(connection);
    wake();
  };
  signal.addEventListener('abort', onAbort, { once: true });

  let sent = false;
  try {
    request.write(header, () => wake());
    await event(); // from here on what is written goes straight to the socket
    for await (const chunk of document ?? []) {
      const room = request.write(chunk);
      if (!room && !settled()) await event();
      if (settled()) break;
    }
    if (!settled()) {
      request.end();
      sent = document !== undefined;
    }
    while (!settled()) await event();
    if (!response) throw new Unanswered('no answer', { cause: failure });
    const reply = await readReply(response);
    // A success for less than the whole document is none.
    if (document && !sent && isSuccess(reply.code)) throw new LetterlockError('job-uncertain');
    return reply;
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    if (sent) throw new LetterlockError('job-uncertain', undefined, { cause: error });
    if (signal.aborted) throw signal.reason;
    throw new LetterlockError('printer-unreachable', undefined, { cause: error });
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (incomplete()) await breakOff(connection);
    request.destroy();
  }
}

class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

async function readReply(response: IncomingMessage): Promise<IppMessage> {
  if (response.statusCode !== 200) throw new LetterlockError('printer-refused', `HTTP ${response.statusCode}`);
  const framer = createFramer();
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      const framed = framer.push(chunk);
      if (framed) return decodeMessage(framed.header);
    }
  } catch (cause) {
    throw new Unanswered('the answer is not IPP', { cause });
  }
  throw new Unanswered('the answer is cut off');
}
