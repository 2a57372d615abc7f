import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Clock, systemClock } from '../../base/clock.ts';
import { charset, firstInteger, groupOf, mimeMediaType, naturalLanguage, uri } from '../attributes.ts';
import { decodeMessage, encodeMessage } from '../codec.ts';
import type { IppAttribute, IppMessage } from '../message.ts';
import { type OperationName, operations, statusName } from '../registry.ts';

/** A print client that can misbehave in every way: tests only. */
export function ippRequest(
  operation: OperationName | number,
  attributes: IppAttribute[] = [],
  job: IppAttribute[] = []
): Buffer {
  return Buffer.from(
    encodeMessage({
      version: '2.0',
      code: typeof operation === 'number' ? operation : operations[operation],
      requestId: 7,
      groups: [
        {
          tag: 'operation-attributes-tag',
          attributes: [
            charset('attributes-charset', 'utf-8'),
            naturalLanguage('attributes-natural-language', 'en'),
            uri('printer-uri', 'ipp://localhost/ipp/print'),
            ...attributes
          ]
        },
        ...(job.length > 0 ? [{ tag: 'job-attributes-tag' as const, attributes: job }] : [])
      ]
    })
  );
}

/** POSTs with any headers and returns HTTP status and body. */
export async function post(
  port: number,
  body: Uint8Array,
  headers: Record<string, string> = {},
  path = '/ipp/print',
  method = 'POST'
) {
  const outgoing = httpRequest({
    host: '127.0.0.1',
    port,
    path,
    method,
    agent: false,
    headers: { 'Content-Type': 'application/ipp', ...headers }
  });
  // a refused document need not be sent to its end
  outgoing.on('socket', (socket) => socket.on('error', () => undefined));
  outgoing.end(body);
  const [response] = await once(outgoing, 'response');
  outgoing.on('error', () => undefined);
  return { status: response.statusCode as number, body: await buffer(response) };
}

export async function ipp(port: number, ...parts: Uint8Array[]): Promise<IppMessage & { status: string }> {
  const { status, body } = await post(port, Buffer.concat(parts));
  if (status !== 200) throw new Error(`HTTP ${status}`);
  const message = decodeMessage(body);
  return { ...message, status: statusName(message.code) };
}

export async function rawConnection(
  port: number,
  text: string | Uint8Array
): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const answer = buffer(socket).then((bytes) => bytes.toString('latin1'));
  answer.catch(() => undefined);
  socket.write(text);
  return { socket, answer };
}

/** The head of a request, whatever its lines. */
export const head = (...lines: string[]) =>
  ['POST /ipp/print HTTP/1.1', 'Host: localhost', 'Content-Type: application/ipp', ...lines, '', ''].join('\r\n');

/** A clock whose timers run when the test says so. */
export function heldClock() {
  const timers: { ms: number; run: () => void }[] = [];
  const clock: Clock = {
    ...systemClock,
    after(ms, run) {
      timers.push({ ms, run });
      return () => undefined;
    }
  };
  return { clock, timers };
}

export const jobOf = (message: IppMessage): number =>
  firstInteger(groupOf(message, 'job-attributes-tag'), 'job-id') ?? 0;
export const pdf = mimeMediaType('document-format', 'application/pdf');
