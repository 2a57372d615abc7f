import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { LetterlockError } from '../base/errors.ts';
import { KiB } from '../base/limits.ts';
import { createFramer, decodeReply, encodeMessage } from './codec.ts';
import type { IppMessage } from './message.ts';
import { breakOff } from './printer-connection.ts';
import { isSuccess } from './registry.ts';

export interface Exchange {
  /** Where to POST. */
  readonly path: string;
  /** Value of the Host header. */
  readonly host: string;
  readonly message: IppMessage;
  readonly document?: AsyncIterable<Uint8Array> | undefined;
  readonly signal: AbortSignal;
  /** Whether it does no harm twice: a kept connection may have been closed by the printer just when it was used again. */
  readonly repeatable: boolean;
  /** Called each time that nothing has moved for so many seconds: what it throws ends the exchange. */
  readonly stallSeconds: number;
  readonly onStall: () => Promise<void>;
}

/**
 * One IPP request and its answer (RFC 8010 section 3.4). The connection is kept for the next one, unless anything is odd
 * about it. Throws what `document`, `onStall` or connecting throws, the signal's reason, or LetterlockError:
 * printer-unreachable; printer-refused for an answer of HTTP only; job-uncertain when the whole document was sent and no
 * answer came that can be understood.
 */
export async function exchange(agent: Agent, options: Exchange): Promise<IppMessage> {
  const { path, host, message, document, signal, repeatable, stallSeconds, onStall } = options;
  const header = encodeMessage(message);
  const length = document ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': header.length };
  const headers = { Host: host, 'Content-Type': 'application/ipp', ...length };
  const request = httpRequest({ method: 'POST', path, headers, agent });

  /** The answer may come before the end of the document: then the rest of it isn't wanted. */
  let response: IncomingMessage | undefined;
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  const event = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  const settled = (): boolean => response !== undefined || failure !== undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    wake();
  };
  request.on('response', (incoming) => {
    response = incoming;
    wake();
  });
  request.on('error', fail);
  request.on('close', () => fail(new Error('the connection ended')));
  request.on('drain', () => wake());
  const onTimeout = (): void => {
    if (settled()) request.destroy();
    else onStall().then(watchSilence, (error) => request.destroy(error));
  };
  const watchSilence = (): void => {
    if (!settled()) request.socket?.setTimeout(stallSeconds * 1000); // fires once for each silence
  };
  request.on('socket', (socket) => {
    socket.on('timeout', onTimeout);
    request.on('close', () => socket.off('timeout', onTimeout));
    watchSilence();
  });
  const cutShort = async (): Promise<void> => {
    if (document && !request.writableEnded && request.socket) await breakOff(request.socket);
  };
  const onAbort = (): void => {
    fail(new Error('aborted'));
    void cutShort();
  };
  signal.addEventListener('abort', onAbort, { once: true });

  let sent = false;
  let done = false;
  try {
    request.write(header, () => wake());
    await event(); // from here on what is written goes straight to the socket
    if (document && !settled()) {
      for await (const chunk of document) {
        const room = request.write(chunk);
        if (!room && !settled()) await event();
        if (settled()) break;
      }
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
    done = request.writableEnded;
    return reply;
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    if (signal.aborted) throw signal.reason;
    if (failure instanceof LetterlockError) throw failure;
    if (sent) throw new LetterlockError('job-uncertain', undefined, { cause: error });
    if (repeatable && request.reusedSocket) return await exchange(agent, options);
    throw new LetterlockError('printer-unreachable', undefined, { cause: error });
  } finally {
    signal.removeEventListener('abort', onAbort);
    await cutShort();
    if (!done) request.destroy();
  }
}

class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** Resolves at the end of the message. What follows is read and thrown away, so that the connection can be used again. */
function readReply(response: IncomingMessage): Promise<IppMessage> {
  if (response.statusCode !== 200) throw new LetterlockError('printer-refused', `HTTP ${response.statusCode}`);
  const framer = createFramer();
  let message: IppMessage | undefined;
  let trailing = 0;
  return new Promise((resolve, reject) => {
    response.on('data', (chunk: Uint8Array) => {
      if (message) {
        trailing += chunk.length;
        if (trailing > mostTrailing) response.destroy();
        return;
      }
      try {
        const framed = framer.push(chunk);
        if (!framed) return;
        message = decodeReply(framed.header);
        resolve(message);
      } catch (cause) {
        reject(new Unanswered('the answer is not IPP', { cause }));
      }
    });
    response.on('error', () => undefined);
    response.on('close', () => reject(new Unanswered('the answer is cut off')));
  });
}

/** A printer has nothing to say after its message. */
const mostTrailing = 64 * KiB;
