import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsIdentity } from '../../../identity/tls.ts';

/** Somebody who receives the log, with a real TLS listener on loopback. */
export interface Receiver<Item> {
  readonly port: number;
  readonly items: readonly Item[];
  /** Connections or requests so far. */
  readonly visits: () => number;
  /** Resolves once `count` items have come. */
  has(count: number): Promise<void>;
  /** Resolves once there were so many visits. */
  visited(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Octet-counted frames (RFC 5425). `crashes`: how many connections are reset as soon as something comes. */
export function startSyslogReceiver(tls: TlsIdentity, { crashes = 0 } = {}): Promise<Receiver<string>> {
  return receiver<string>((arrived, visit) => {
    let raw: Socket | undefined;
    const server = createTlsServer({ key: tls.keyPem, cert: tls.certificatePem }, (socket) => {
      const connection = raw;
      const number = visit();
      let pending = Buffer.alloc(0);
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        if (number <= crashes) return connection?.resetAndDestroy();
        pending = Buffer.concat([pending, chunk]);
        for (;;) {
          const space = pending.indexOf(0x20);
          const length = Number(pending.subarray(0, space).toString());
          if (space < 1 || pending.length < space + 1 + length) break;
          arrived(pending.subarray(space + 1, space + 1 + length).toString());
          pending = pending.subarray(space + 1 + length);
        }
      });
    });
    return server.on('connection', (connection) => {
      raw = connection;
    });
  });
}

export interface Hook {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly path: string;
  readonly body: string;
}
/** `statuses`: what it answers, one after the other; then 204. */
export function startWebhookReceiver(tls: TlsIdentity, { statuses = [] as number[] } = {}): Promise<Receiver<Hook>> {
  const answers = [...statuses];
  return receiver<Hook>((arrived, visit) =>
    createHttpsServer({ key: tls.keyPem, cert: tls.certificatePem }, async (request, response) => {
      visit();
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const status = answers.shift() ?? 204;
      const body = Buffer.concat(chunks).toString();
      if (status < 300) arrived({ headers: request.headers, path: request.url ?? '', body });
      response.writeHead(status, { location: '/elsewhere' }).end();
    })
  );
}

async function receiver<Item>(
  start: (arrived: (item: Item) => void, visit: () => number) => Server
): Promise<Receiver<Item>> {
  const items: Item[] = [];
  const waiting = new Set<() => void>();
  let visits = 0;
  const look = () => {
    for (const check of [...waiting]) check();
  };
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (holds() && waiting.delete(check)) resolve();
      };
      waiting.add(check);
      check();
    });
  const server = start(
    (item) => {
      items.push(item);
      look();
    },
    () => {
      visits += 1;
      look();
      return visits;
    }
  );
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    items,
    visits: () => visits,
    has: (count) => until(() => items.length >= count),
    visited: (count) => until(() => visits >= count),
    close: () => new Promise((resolve) => server.close(() => resolve()))
  };
}
