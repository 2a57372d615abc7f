import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { createServer, type SecureVersion } from 'node:tls';
import { limits } from '../base/limits.ts';
import { asksForTls, switchingProtocols, withoutUpgrade } from './http-upgrade.ts';

/** PEM. */
export interface TlsCredentials {
  key: string;
  cert: string;
  /** The highest version that is spoken. */
  maxVersion?: SecureVersion;
}

/**
 * Lets an HTTP server answer IPP and IPPS on one port, TLS 1.2 and up. A connection is decrypted when its first byte is a TLS
 * handshake record's (RFC 8446 section 5.1), or from the moment on when a request asks for it (HTTP Upgrade, RFC 2817).
 * `credentials` undefined: nothing is. Connections that `admit` doesn't let in are never seen by HTTP; `isServing` says whether
 * one has requests that aren't answered yet.
 */
export function acceptTls(server: Server, { credentials, admit, isServing }: AcceptOptions): void {
  const acceptHttp = server.listeners('connection') as ((socket: Socket) => void)[];
  const accept = (socket: Socket): void => {
    for (const listener of acceptHttp) listener.call(server, socket);
  };
  /** Heads of requests that wait for the handshake that they asked for, by the address that they came from. */
  const upgraded = new Map<string, Buffer>();
  const handshakeTimeout = limits.stalledTransferSeconds * 1000;
  const tls = credentials && createServer({ ...credentials, minVersion: 'TLSv1.2', handshakeTimeout, noDelay: true });
  tls?.on('tlsClientError', (_error, socket) => socket.destroy());
  tls?.on('secureConnection', (socket) => {
    const head = upgraded.get(addressOf(socket));
    if (head) socket.unshift(head);
    accept(socket);
  });

  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (!admit(socket)) return;
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      if (tls && first[0] === handshake) tls.emit('connection', socket);
      else accept(socket);
      process.nextTick(() => socket.resume());
    });
  });

  server.on('upgrade', (request: IncomingMessage, socket: Socket, rest: Buffer) => {
    const head = withoutUpgrade(request);
    if (isServing(socket)) {
      socket.destroy(); // answers in the clear would come between
    } else if (tls && !('encrypted' in socket) && asksForTls(request)) {
      const address = addressOf(socket);
      upgraded.set(address, head);
      socket.once('close', () => upgraded.delete(address));
      socket.unshift(rest);
      socket.write(switchingProtocols);
      tls.emit('connection', socket);
    } else {
      socket.unshift(Buffer.concat([head, rest]));
      accept(socket);
      process.nextTick(() => socket.resume());
    }
  });
}

interface AcceptOptions {
  credentials: TlsCredentials | undefined;
  admit(socket: Socket): boolean;
  isServing(socket: Socket): boolean;
}

const handshake = 0x16;
const addressOf = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`;
