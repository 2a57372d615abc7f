import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { getEventListeners, once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../../tests/support/certificates.ts';
import { startTestPrinter, type TestPrinter } from '../../tests/support/test-printer.ts';
import { LetterlockError } from '../base/errors.ts';
import { firstInteger, firstString, integer, keyword, mimeMediaType, nameAttribute } from './attributes.ts';
import { fetchPrinterCertificate, isBusy, openPrinter, type PrinterOptions } from './client.ts';
import { enumValue } from './registry.ts';

const { signal } = new AbortController();
const attributes = {
  operation: [nameAttribute('job-name', 'a letter'), mimeMediaType('document-format', 'application/pdf')],
  job: [keyword('sides', 'two-sided-long-edge'), integer('copies', 2)]
};
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error) => (error instanceof LetterlockError ? error.code : `${error}`)
  );
async function* chunks(count: number, size = 65_536) {
  for (let index = 0; index < count; index += 1) yield randomBytes(size);
}

describe('the IPP client', () => {
  const credentials = selfSigned();
  const pin = createHash('sha256').update(new X509Certificate(credentials.cert).raw).digest('hex');
  let printer: TestPrinter;
  let secureUri: string;
  const open = (options: Partial<PrinterOptions> = {}) => openPrinter({ uri: secureUri, pin, signal, ...options });

  beforeAll(async () => {
    printer = await startTestPrinter({ tls: credentials });
    secureUri = printer.uri.replace('ipp:', 'ipps:').replace('127.0.0.1', 'localhost');
  });
  afterAll(() => printer.close());

  it('prints over TLS, and asks after the job', async () => {
    const document = randomBytes(3_000_000);
    const job = await open().printJob(
      attributes,
      (async function* () {
        for (let at = 0; at < document.length; at += 50_000) yield document.subarray(at, at + 50_000);
      })()
    );
    expect(printer.jobs[0]?.sha256).toBe(createHash('sha256').update(document).digest('hex'));
    expect(printer.jobs[0]?.name).toBe('a letter');
    expect(firstString(printer.jobs[0]?.request.attributes ?? [], 'sides')).toBe('two-sided-long-edge');
    expect(job.state).toBe('completed');
    const state = await open().getJobAttributes(job.number, 'job-state', 'job-uuid');
    expect(firstInteger(state, 'job-state')).toBe(enumValue('job-state', 'completed'));
    expect(firstString(state, 'job-uuid')).toBe(`urn:uuid:${printer.jobs[0]?.id}`);
    const [listed] = await open().getJobs('completed', 'job-uuid');
    expect(listed).toEqual(state.filter(({ name }) => name === 'job-uuid'));
    expect(await codeOf(open().cancelJob(job.number))).toBe('printer-refused');
  });

  it('creates a job and sends its documents', async () => {
    const client = open();
    const { number } = await client.createJob(attributes);
    const operation = [mimeMediaType('document-format', 'application/pdf')];
    const template = { operation, document: [integer('copies', 3)] };
    await client.sendDocument(number, template, chunks(3), { last: false });
    await client.sendDocument(number, { operation }, chunks(2), { last: true });
    const [job] = printer.jobs;
    expect(job?.received.map(({ bytes }) => bytes)).toEqual([3 * 65_536, 2 * 65_536]);
    expect(firstInteger(job?.received[0]?.attributes ?? [], 'copies')).toBe(3);
    expect(firstString(job?.request.attributes ?? [], 'sides')).toBe('two-sided-long-edge');
  });

  it('answers in the scheme that was asked', async () => {
    const secure = await open().getPrinterAttributes('printer-uri-supported');
    expect(firstString(secure, 'printer-uri-supported')).toBe(secureUri);
    const plain = openPrinter({ uri: printer.uri, plainAllowed: true, signal });
    expect(firstString(await plain.getPrinterAttributes(), 'printer-uri-supported')).toBe(printer.uri);
  });

  it('shows the certificate before anything is approved', async () => {
    const shown = await fetchPrinterCertificate(secureUri, signal);
    expect(shown).toMatchObject({ sha256: pin, subject: 'CN=localhost', issuer: 'CN=localhost' });
    expect(Date.parse(shown.validTo)).toBeGreaterThan(Date.now());
  });

  it('never falls back: no pin, no plain printing unless allowed', () => {
    expect(() => openPrinter({ uri: secureUri, signal })).toThrow('printer-not-approved');
    expect(() => openPrinter({ uri: printer.uri, signal })).toThrow('printer-not-secure');
    expect(() => openPrinter({ uri: 'socket://127.0.0.1:9100', plainAllowed: true, signal })).toThrow('input-invalid');
  });

  it('sends no byte to a printer whose certificate is another one', async () => {
    const received: string[] = [];
    const impostor = createTlsServer(selfSigned(), (socket) => {
      socket.on('data', () => received.push('bytes')).on('error', () => undefined);
    });
    const uri = await listen(impostor, 'ipps');
    const gone = once(impostor, 'connection').then(([socket]) => once(socket, 'close'));
    let pulled = false;
    async function* document() {
      pulled = true;
      yield randomBytes(10);
    }
    expect(await codeOf(open({ uri }).printJob(attributes, document()))).toBe('printer-certificate-changed');
    await gone;
    expect([received, pulled]).toEqual([[], false]);
    impostor.close();
  });

  it('never lets the printer see the end of a document that breaks off', async () => {
    const finished = printer.finished();
    async function* broken() {
      const arriving = printer.chunk();
      yield* chunks(20);
      await arriving; // else the printer may never have heard of the job
      throw new LetterlockError('seal-broken');
    }
    expect(await codeOf(open().printJob(attributes, broken()))).toBe('seal-broken');
    expect((await finished).state).toBe('aborted');
  });

  it('stops sending once the printer has refused', async () => {
    printer.control.refusal = new LetterlockError('rate-limited');
    const error = await open()
      .printJob(attributes, chunks(100_000))
      .catch((caught: unknown) => caught);
    printer.control.refusal = null;
    expect(error).toMatchObject({ code: 'printer-refused', detail: 'server-error-busy' });
    expect(isBusy(error)).toBe(true);
  });

  it('calls a job uncertain when the printer took all of it and said nothing', async () => {
    const silent = createServer((socket) => {
      let received = '';
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
        if (received.endsWith('\r\n0\r\n\r\n')) socket.destroy();
      });
    });
    const plain = { uri: await listen(silent, 'ipp'), plainAllowed: true };
    expect(await codeOf(open(plain).printJob(attributes, chunks(3)))).toBe('job-uncertain');
    silent.close();
  });

  it('does not believe a success that comes before the end of the document', async () => {
    const ok = '\x01\x01\x00\x00\x00\x00\x00\x01\x03';
    const hasty = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n${ok}`, 'latin1'));
    });
    const plain = { uri: await listen(hasty, 'ipp'), plainAllowed: true };
    expect(await codeOf(open(plain).printJob(attributes, chunks(10_000)))).toBe('job-uncertain');
    hasty.close();
  });

  describe('on a connection that it kept', () => {
    /** Answers one request on each connection and cuts it at the next one. */
    async function forgetful() {
      const counts = { connections: 0, requests: 0 };
      const server = createServer((socket) => {
        counts.connections += 1;
        let answered = false;
        socket.on('error', () => undefined);
        socket.on('data', () => {
          counts.requests += 1;
          if (answered) return socket.destroy();
          answered = true;
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\x01\x01\x00\x00\x00\x00\x00\x01\x03', 'latin1');
        });
      });
      const client = open({ uri: await listen(server, 'ipp'), plainAllowed: true });
      await client.getPrinterAttributes();
      return { counts, client, server };
    }

    it('asks again when the printer has just closed it', async () => {
      const { counts, client, server } = await forgetful();
      expect(await client.getPrinterAttributes()).toEqual([]);
      expect(counts).toEqual({ connections: 2, requests: 3 });
      server.close();
    });

    it('makes no job twice', async () => {
      const { counts, client, server } = await forgetful();
      expect(await codeOf(client.createJob(attributes))).toBe('printer-unreachable');
      expect(counts.connections).toBe(1);
      server.close();
    });
  });

  it('waits for a silent printer as long as it is told to', async () => {
    const silent = createServer((socket) => {
      socket.on('error', () => undefined).resume();
    });
    const uri = await listen(silent, 'ipp');
    let asked = 0;
    const onStall = async () => {
      asked += 1;
      if (asked === 3) throw new LetterlockError('job-uncertain', 'media-empty');
    };
    const client = open({ uri, plainAllowed: true, stallSeconds: 0.05 });
    const error = await client.printJob(attributes, chunks(1), { onStall }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'job-uncertain', detail: 'media-empty' });
    expect(await codeOf(client.getPrinterAttributes())).toBe('printer-unreachable');
    silent.close();
  });

  it.each([
    ['HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n', 'printer-refused'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnot ipp!\n', 'printer-unreachable'],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n\x01\x01\x00\x00\x00\x00\x00\x01\x01\x44\x00\x01a\x80\x00\x00\x00',
      'printer-unreachable'
    ],
    ['SSH-2.0-OpenSSH\r\n', 'printer-unreachable']
  ])('is not harmed by the answer %j', async (answer, code) => {
    const odd = createServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.end(answer, 'latin1'));
    });
    const plain = { uri: await listen(odd, 'ipp'), plainAllowed: true };
    expect(await codeOf(open(plain).getPrinterAttributes())).toBe(code);
    odd.close();
  });

  it('says that a printer does not answer, and stops when told to', async () => {
    const closed = createServer();
    const uri = await listen(closed, 'ipps');
    closed.close();
    await once(closed, 'close');
    const controller = new AbortController();
    const { signal } = controller;
    expect(await codeOf(open({ uri, signal }).getPrinterAttributes())).toBe('printer-unreachable');
    expect(getEventListeners(signal, 'abort')).toEqual([]); // a printer that is off is asked for hours
    const waiting = codeOf(
      open({ signal }).printJob(
        attributes,
        (async function* () {
          yield* chunks(2);
          controller.abort(new LetterlockError('conflict'));
          yield* chunks(2);
        })()
      )
    );
    expect(await waiting).toBe('conflict');
  });
});

async function listen(server: Server, scheme: string): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/ipp/print`;
}
