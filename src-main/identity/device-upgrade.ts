import { type IncomingMessage, ServerResponse } from 'node:http';
import { type Agent, request as httpsRequest, type Server } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ErrorCode } from '../../src-preload/contract/errors.ts';
import { LetterlockError } from '../base/errors.ts';
import { connectionError, readAnswer } from './device-http.ts';

/**
 * HTTP/1.1 Upgrade (RFC 9110 section 7.8), both sides: a GET turns its connection into one of another protocol. Who is at the
 * other end stays who the TLS session says. Nothing is known here of what is spoken then.
 */

/** Requests for it that have no answer yet, with what came right behind them. */
const asked = new WeakMap<IncomingMessage, Buffer>();

/**
 * Takes such requests to the routes of `app`, with all its hooks: a route that knows the protocol calls `switchProtocol`, any
 * other answer ends the connection. Connections that have switched end when the server closes.
 */
export function routeUpgrades(app: FastifyInstance): void {
  const open = new Set<TLSSocket>();
  (app.server as Server).on('upgrade', (request: IncomingMessage, socket, head) => {
    // Node has taken its parser away: a body would never come.
    if (request.method !== 'GET' || !(socket instanceof TLSSocket)) {
      socket.destroy();
      return;
    }
    socket.on('error', () => {}); // 'close' follows
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.once('finish', () => socket.destroySoon());
    try {
      response.assignSocket(socket);
    } catch {
      socket.destroy(); // an earlier request on it has no answer yet
      return;
    }
    asked.set(request, head);
    app.routing(request, response);
  });
  app.addHook('preClose', async () => {
    for (const socket of open) socket.destroy();
  });
}

/**
 * In a route: answers 101, after which the connection is the caller's. Throws `input-invalid` for a request that did not ask
 * for `protocol`.
 */
export function switchProtocol({ raw }: FastifyRequest, reply: FastifyReply, protocol: string): TLSSocket {
  const head = asked.get(raw);
  const { socket } = raw;
  if (!head || raw.headers.upgrade !== protocol || !(socket instanceof TLSSocket))
    throw new LetterlockError('input-invalid', 'Upgrade');
  reply.hijack();
  reply.raw.detachSocket(socket);
  if (head.length > 0) socket.unshift(head);
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`);
  return socket;
}

/**
 * Asks for it. Null when the other side answers anything but 101: it does not know the protocol, or does not want to. Throws
 * `unreachable` when it is silent for `seconds`, or `certificate-invalid`.
 */
export function requestUpgrade(options: {
  readonly agent: Agent;
  /** https://host:port */
  readonly url: string;
  readonly path: string;
  readonly protocol: string;
  readonly unreachable: ErrorCode;
  readonly seconds: number;
}): Promise<TLSSocket | null> {
  const { agent, url, path, protocol, unreachable, seconds } = options;
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(new URL(path, url), {
      agent,
      headers: { connection: 'Upgrade', upgrade: protocol },
      timeout: seconds * 1000
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', (error) => reject(connectionError(error, unreachable)));
    // Read to its end, so that the connection can be used again.
    outgoing.on('response', (response) => void readAnswer(response, z.unknown()).then(no, no));
    outgoing.on('upgrade', (response, socket, head) => {
      if (response.headers.upgrade !== protocol || !(socket instanceof TLSSocket)) {
        socket.destroy();
        no();
        return;
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    outgoing.end();
    const no = (): void => resolve(null);
  });
}
