import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createServer } from 'node:tls';
import { limits } from '../base/limits.ts';

/** PEM. */
export interface TlsCredentials {
  key: string;
  cert: string;
}

/**
 * Lets an HTTP server answer IPP and IPPS on one port: a connection whose first byte is a TLS handshake record's (RFC 8446
 * section 5.1) is decrypted first, TLS 1.2 and up. Returns what ends the connections that HTTP hasn't seen yet.
 */
export function acceptTls(server: Server, credentials: TlsCredentials): () => void {
  const acceptHttp = server.listeners('connection') as ((socket: Socket) => void)[];
  const accept = (socket: Socket): void => {
    for (const listener of acceptHttp) listener.call(server, socket);
  };
  const undecided = new Set<Socket>();
  const patience = limits.stalledTransferSeconds * 1000;
  const tls = createServer({ ...credentials, minVersion: 'TLSv1.2', handshakeTimeout: patience, noDelay: true });
  tls.on('secureConnection', accept);
  tls.on('tlsClientError', (_error, socket) => socket.destroy());

  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const giveUp = (): unknown => socket.destroy();
    undecided.add(socket);
    socket.once('close', () => undecided.delete(socket));
    socket.on('error', giveUp).setTimeout(patience, giveUp);
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      socket.off('timeout', giveUp).setTimeout(0);
      if (first[0] === handshake) tls.emit('connection', socket);
      else accept(socket);
      process.nextTick(() => socket.resume());
    });
  });
  return () => {
    for (const socket of undecided) socket.destroy();
  };
}

const handshake = 0x16;
