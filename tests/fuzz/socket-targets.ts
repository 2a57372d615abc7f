import { once } from 'node:events';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { LetterlockError } from '../../src-main/base/errors.ts';
import { openPrinter } from '../../src-main/ipp/client.ts';
import { startTestPrinter } from '../support/test-printer.ts';
import { answered } from './answered.ts';
import { Finding } from './finding.ts';

/** Over loopback to a real printer server: a proper answer of IPP, or an HTTP status of the 4xx range. */
export async function createServerTarget() {
  let printer = await startTestPrinter();
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  let served = 0;

  return {
    async run(input: Buffer): Promise<string> {
      served += 1;
      if (served % 500 === 0) {
        await printer.close();
        printer = await startTestPrinter();
      }
      try {
        const outgoing = httpRequest({
          host: '127.0.0.1',
          port: printer.port,
          path: '/ipp/print',
          method: 'POST',
          agent,
          headers: { 'Content-Type': 'application/ipp', 'Content-Length': input.length },
          signal: AbortSignal.timeout(40_000)
        });
        outgoing.end(input);
        const [response] = await once(outgoing, 'response');
        const body = await buffer(response);
        if (response.statusCode === 200) return answered(body, input);
        if (response.statusCode >= 400 && response.statusCode < 500) return `HTTP ${response.statusCode}`;
        throw new Finding(`HTTP ${response.statusCode}`, input);
      } catch (cause) {
        throw cause instanceof Finding ? cause : new Finding('no answer', input, { cause });
      }
    },
    async close(): Promise<void> {
      agent.destroy();
      await printer.close();
    }
  };
}

/** As the answer of a printer, over loopback to the IPP client: attributes, or an error that says what is wrong. */
export async function createClientTarget() {
  let reply: Buffer = Buffer.alloc(0);
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'Content-Type': 'application/ipp' }).end(reply));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const uri = `ipp://127.0.0.1:${(server.address() as AddressInfo).port}/ipp/print`;

  return {
    async run(input: Buffer): Promise<string> {
      reply = input;
      const signal = AbortSignal.timeout(40_000);
      try {
        await openPrinter({ uri, plainAllowed: true, signal }).getPrinterAttributes();
        return 'accepted';
      } catch (error) {
        const known = error instanceof LetterlockError && clientErrors.includes(error.code);
        if (known) return error.code;
        throw new Finding('the client failed', input, { cause: error });
      }
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
    }
  };
}

const clientErrors: readonly string[] = ['printer-unreachable', 'printer-refused'];
