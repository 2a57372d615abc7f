import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { attribute, keyword, uri } from '../src-main/ipp/attributes.ts';
import { encodeMessage } from '../src-main/ipp/codec.ts';
import { operations } from '../src-main/ipp/registry.ts';

/**
 * Get-Printer-Attributes over kept-alive connections (one: ippeveprinter answers no second one), answers per second. A bare
 * socket and the least of HTTP, so that it is the server that is measured.
 */
export async function requestsPerSecond(printerUri: string, seconds: number, connections = 1): Promise<number> {
  const { hostname, port, pathname } = new URL(printerUri.replace(/^ipp:/, 'http:'));
  const open = async (): Promise<Socket> => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return socket;
  };
  const request = requestBytes(printerUri, `${hostname}:${port}`, pathname);
  let answers = 0;
  const from = performance.now();
  const until = from + seconds * 1000;
  const ask = async (): Promise<void> => {
    let socket = await open();
    let answer = reader(socket);
    while (performance.now() < until) {
      socket.write(request);
      if (await answer()) {
        answers++;
        continue;
      }
      // some printers end a connection after so many requests: then it is opened again, and that counts
      socket.destroy();
      socket = await open();
      answer = reader(socket);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, ask));
  return answers / ((performance.now() - from) / 1000);
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

/** True for each whole answer: by its length, or at the chunk that ends it. False once the connection is closed. */
function reader(socket: Socket): () => Promise<boolean> {
  let held: Buffer = Buffer.alloc(0);
  let closed = false;
  let wake: () => void = () => {};
  socket.on('data', (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    wake();
  });
  socket
    .on('error', () => undefined)
    .on('close', () => {
      closed = true;
      wake();
    });
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
        return true;
      }
      if (closed) return false;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}
