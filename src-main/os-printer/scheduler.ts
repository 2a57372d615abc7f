import { type IncomingMessage, request } from 'node:http';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { IppAttribute, IppMessage } from '../ipp/message.ts';

/** Our IPP codec, given by app/. */
export interface IppCodec {
  encode(message: IppMessage): Uint8Array;
  decode(bytes: Uint8Array): IppMessage;
}

export interface SchedulerRequest {
  /** operation-id. */
  readonly operation: number;
  /** Administration asks for authentication. */
  readonly path: '/' | '/admin/';
  readonly queue: string;
  readonly attributes?: readonly IppAttribute[];
  /** Of the printer attributes group. */
  readonly printer?: readonly IppAttribute[];
}

/** One IPP exchange with cupsd. Rejects with print-system-unavailable, or print-system-refused when it asks for somebody else. */
export type Scheduler = (request: SchedulerRequest) => Promise<IppMessage>;

/**
 * cupsd on its domain socket, where it knows by itself who asks: the user name is only repeated ("PeerCred"), and a password
 * in a device URI meets no command line. `socket` null: there is none that could be used.
 */
export function cupsScheduler(options: { codec: IppCodec; socket: string | null; user: string }): Scheduler {
  const { codec, socket, user } = options;
  return async ({ operation, path, queue, attributes = [], printer = [] }) => {
    if (socket === null) throw new LetterlockError('print-system-unavailable', 'CUPS_SERVER names another machine');
    const message: IppMessage = {
      version: '2.0',
      code: operation,
      requestId: 1,
      groups: [
        {
          tag: 'operation-attributes-tag',
          attributes: [
            { name: 'attributes-charset', values: [{ tag: 'charset', value: 'utf-8' }] },
            { name: 'attributes-natural-language', values: [{ tag: 'naturalLanguage', value: 'en' }] },
            { name: 'printer-uri', values: [{ tag: 'uri', value: `ipp://localhost/printers/${queue}` }] },
            { name: 'requesting-user-name', values: [{ tag: 'nameWithoutLanguage', value: user }] },
            ...attributes
          ]
        },
        ...(printer.length > 0 ? [{ tag: 'printer-attributes-tag' as const, attributes: [...printer] }] : [])
      ]
    };
    return codec.decode(await post({ socket, path, user }, codec.encode(message)));
  };
}

/** Where cupsd listens, by the environment variable that all CUPS programs honour; null if that is not on this machine. */
export function schedulerSocket(server: string | undefined, existing: (path: string) => boolean): string | null {
  if (server) return server.startsWith('/') ? (server.split('/version=')[0] ?? server) : null;
  return sockets.find(existing) ?? sockets[0];
}
const sockets = ['/run/cups/cups.sock', '/var/run/cups/cups.sock', '/private/var/run/cupsd'] as const;

async function post(to: { socket: string; path: string; user: string }, body: Uint8Array): Promise<Buffer> {
  try {
    const response = await new Promise<IncomingMessage>((done, fail) => {
      request({
        socketPath: to.socket,
        path: to.path,
        method: 'POST',
        signal: AbortSignal.timeout(limits.printSystemSeconds * 1000),
        headers: {
          Host: 'localhost',
          'Content-Type': 'application/ipp',
          'Content-Length': body.length,
          Authorization: `PeerCred ${to.user}`
        }
      })
        .on('error', fail)
        .on('response', done)
        .end(body);
    });
    const answer = await readAll(response);
    if (response.statusCode === 200) return answer;
    if ([401, 403, 426].includes(response.statusCode ?? 0)) throw notAdministrator();
    throw new LetterlockError('print-system-refused', `HTTP ${response.statusCode}`);
  } catch (cause) {
    throw cause instanceof LetterlockError ? cause : new LetterlockError('print-system-unavailable', 'CUPS', { cause });
  }
}

export const notAdministrator = (): LetterlockError =>
  new LetterlockError(
    'print-system-refused',
    'CUPS lets only root and its administrators (group lpadmin) add printers'
  );

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limits.ippHeader) throw new LetterlockError('print-system-unavailable', 'its answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
