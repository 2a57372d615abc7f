import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { type ErrorCode, publicErrors } from '../../src-preload/contract/errors.ts';
import type { DeviceId } from '../../src-preload/contract/ids.ts';
import { asLetterlockError, failure, LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { boundConnections } from './connection-bounds.ts';
import { routeUpgrades } from './device-upgrade.ts';
import { type PeerIdentity, peerOf } from './peer-identity.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** From the TLS session. Throws `certificate-invalid` on listeners without client certificates. */
    readonly peer: PeerIdentity;
    /** The same, for connections that outlive their request: throws `device-not-approved` as soon as it isn't any more. */
    readonly approvedPeer: PeerIdentity;
  }
}

/** HTTPS for machines: who calls is known from TLS, errors leave as `{ code, message, detail? }` with their status. */
export interface DeviceServer {
  /** Routes may throw; bodies are JSON of at most `maxBody`. For streams add a content type parser. */
  readonly app: FastifyInstance;
  /** Cuts every live connection of a device, event streams included. */
  dropPeer(device: DeviceId): void;
  /** Cuts every live connection whose device is not approved (any more). */
  dropUnapproved(): void;
  listen(address: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }>;
  /** Ends every connection, answered or not. */
  close(): Promise<void>;
}

/** `tls`: what deviceTlsServer or publicTlsServer says now, asked again when it was `renewed`. `isApproved` is asked at every request; without it nobody is refused. */
export function createDeviceServer(options: {
  readonly tls: () => ServerOptions;
  readonly onRenewed?: (listener: () => void) => () => void;
  readonly isApproved?: (peer: PeerIdentity) => boolean;
  /** Whether routes may switch to another protocol (device-upgrade.ts). Without it, `Upgrade` is passed over. */
  readonly upgrades?: boolean;
  /** Bytes of a request body, default limits.jsonBody. */
  readonly maxBody?: number;
  /** At once; more are closed as they come. Default: no bound. */
  readonly maxConnections?: number;
  /** Of one address, at once. Default: no bound. */
  readonly maxConnectionsPerAddress?: number;
  readonly logger: Logger;
}): DeviceServer {
  const { tls, onRenewed, isApproved, maxBody = limits.jsonBody, maxConnections, logger } = options;
  const connections = new Set<TLSSocket>();

  const app: FastifyInstance = fastify({
    serverFactory: (handler) => {
      const server = tracked(createServer({ ...serverOptions, ...tls() }, handler), connections);
      if (maxConnections !== undefined) server.maxConnections = maxConnections;
      boundConnections(server, { perAddress: options.maxConnectionsPerAddress });
      return server;
    },
    bodyLimit: maxBody,
    forceCloseConnections: true,
    logger: false
  });

  app.decorateRequest('peer', {
    getter() {
      return peerOf(this.raw.socket);
    }
  });
  app.decorateRequest('approvedPeer', {
    getter() {
      if (!isApproved || isApproved(this.peer)) return this.peer;
      throw new LetterlockError('device-not-approved');
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    endStalledUpload(request.raw);
    if (!isApproved || isApproved(request.peer)) return;
    reply.header('connection', 'close');
    throw new LetterlockError('device-not-approved');
  });
  if (options.upgrades) routeUpgrades(app);
  app.setNotFoundHandler(() => {
    throw new LetterlockError('not-found');
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = asLetterlockError(error, refusedByFastify(error));
    if (known.code === 'internal') logger.error({ error, route: request.routeOptions.url }, 'request failed');
    const { code, message, detail } = failure(known);
    return reply.code(publicErrors[code].status).send({ code, message, detail });
  });

  function isWelcome(socket: TLSSocket): boolean {
    try {
      return !isApproved || isApproved(peerOf(socket));
    } catch {
      return false;
    }
  }

  const offRenewed = onRenewed?.(() => (app.server as Server).setSecureContext(tls()));

  return {
    app,
    dropPeer(device) {
      for (const socket of connections) if (deviceOf(socket) === device) socket.destroy();
    },
    dropUnapproved() {
      for (const socket of connections) if (!isWelcome(socket)) socket.destroy();
    },
    async listen(address) {
      await app.listen(address);
      return { port: (app.server.address() as AddressInfo).port };
    },
    async close() {
      offRenewed?.();
      await app.close();
    }
  };
}

/** Parses what came in. `input-invalid` names the first field that is not right. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new LetterlockError('input-invalid', result.error.issues[0]?.path.join('.') || 'body');
}

/** Dead peers are found by TCP keep-alive: an event stream may be silent, a stalled upload may not. */
const serverOptions = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 10_000,
  handshakeTimeout: 2 * limits.connectSeconds * 1000,
  headersTimeout: 2 * limits.connectSeconds * 1000,
  requestTimeout: 0,
  keepAliveTimeout: 60_000
};

function tracked(server: Server, connections: Set<TLSSocket>): Server {
  server.on('secureConnection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return server;
}

function deviceOf(socket: TLSSocket): DeviceId | null {
  try {
    return peerOf(socket).device;
  } catch {
    return null;
  }
}

/** Cuts a connection whose request body makes no progress; the answer may take as long as it needs. */
function endStalledUpload(request: IncomingMessage): void {
  const { headers, socket } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return;
  socket.setTimeout(limits.stalledTransferSeconds * 1000);
  request.once('end', () => socket.setTimeout(0));
}

/** fastify's own refusals (unparsable, too large, wrong type) have a status; anything else is a defect. */
function refusedByFastify({ statusCode = 500 }: FastifyError): ErrorCode {
  if (statusCode === 413) return 'too-large';
  return statusCode >= 400 && statusCode < 500 ? 'input-invalid' : 'internal';
}
