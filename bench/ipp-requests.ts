import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { attribute, keyword, uri } from '../src-main/ipp/attributes.ts';
import { encodeMessage } from '../src-main/ipp/codec.ts';
import { operations } from '../src-main/ipp/registry.ts';

/**
 * Get-Printer-Attributes over kept-alive connections, each asking again as soon as it has its answer: answers per second. A bare
 * socket and the least of HTTP, so that it is the server that is measured.
 */
export async function requestsPerSecond(printerUri: string, seconds: number, connections = 4): Promise<number> {
  const { hostname, port, pathname } = new URL(printerUri.replace(/^ipp:/, 'http:'));
  const sockets = Array.from({ length: connections }, () =>
    connect({ host: hostname, port: Number(port), noDelay: true })
  );
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const request = requestBytes(printerUri, `${hostname}:${port}`, pathname);
  let answers = 0;
  const from = performance.now();
  const until = from + seconds * 1000;
  await Promise.all(
    sockets.map(async (socket) => {
      const answer = reader(socket);
      while (performance.now() < until) {
        socket.write(request);
        await answer();
        answers++;
      }
    })
  );
  const took = (performance.now() - from) / 1000;
  for (const socket of sockets) socket.destroy();
  return answers / took;
}

function requestBytes(printerUri: string, host: string, path: string): Buffer {
  const body = encodeMessage({
    version: '2.0',
    code: operations['Get-Printer-Attributes'],
    requestId: 1,
    groups: [
      {
        tag: 'operation-attributes-tag',
        attributes: [
          attribute('attributes-charset', { tag: 'charset', value: 'utf-8' }),
          attribute('attributes-natural-language', { tag: 'naturalLanguage', value: 'en' }),
          uri('printer-uri', printerUri),
          keyword('requested-attributes', 'all')
        ]
      }
    ]
  });
  const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/ipp\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** Resolves for each whole answer: by its length, or at the chunk that ends it. */
function reader(socket: Socket): () => Promise<void> {
  let held: Buffer = Buffer.alloc(0);
  let wake: (error?: Error) => void = () => {};
  socket.on('data', (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    wake();
  });
  socket.on('close', () => wake(new Error('the printer closed the connection')));
  const end = (): number | null => {
    const head = held.indexOf('\r\n\r\n');
    if (head < 0) return null;
    const fields = held.toString('latin1', 0, head);
    if (!/^HTTP\/1\.1 200/.test(fields)) throw new Error(fields.split('\r\n', 1)[0]);
    const length = /\r\ncontent-length: (\d+)/i.exec(fields)?.[1];
    if (length !== undefined) {
      const whole = head + 4 + Number(length);
      return held.length >= whole ? whole : null;
    }
    const last = held.indexOf('\r\n0\r\n\r\n', head);
    return last < 0 ? null : last + 7;
  };
  return async () => {
    for (;;) {
      const whole = end();
      if (whole !== null) {
        held = held.subarray(whole);
        return;
      }
      await new Promise<void>((resolve, reject) => {
        wake = (error) => (error ? reject(error) : resolve());
      });
    }
  };
}
