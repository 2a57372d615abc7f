import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestPrinter, type TestPrinter } from '../../tests/support/test-printer.ts';
import { boolean, firstInteger, groupOf, integer, keyword, nameAttribute } from './attributes.ts';
import { decodeMessage } from './codec.ts';
import { multipleOperationTimeOut } from './reception.ts';
import { enumValue, statusName } from './registry.ts';
import { head, heldClock, ipp, ippRequest, jobOf, pdf, rawConnection } from './testing/print-client.ts';

let printer: TestPrinter;
beforeEach(async () => {
  printer = await startTestPrinter();
});
afterEach(() => printer.close());

describe('documents', () => {
  it.each([
    ['none', (bytes: Buffer) => bytes],
    ['gzip', (bytes: Buffer) => gzipSync(bytes)],
    ['deflate', (bytes: Buffer) => deflateRawSync(bytes)]
  ])('arrive whole with compression %s', async (compression, compress) => {
    const document = Buffer.concat([Buffer.alloc(500_000, 'letter'), randomBytes(500_000)]);
    const ticket = [keyword('compression', compression), pdf, nameAttribute('job-name', 'x')];
    expect((await ipp(printer.port, ippRequest('Print-Job', ticket), compress(document))).status).toBe('successful-ok');
    expect(printer.jobs[0]?.sha256).toBe(createHash('sha256').update(document).digest('hex'));
  });

  it('that do not decompress are refused', async () => {
    const bytes = gzipSync(randomBytes(300_000));
    const ticket = [keyword('compression', 'gzip'), pdf];
    for (const broken of [bytes.subarray(0, 200_000), Buffer.concat([bytes.subarray(0, 1000), randomBytes(1000)])]) {
      expect((await ipp(printer.port, ippRequest('Print-Job', ticket), broken)).status).toBe(
        'client-error-compression-error'
      );
    }
    expect(printer.jobs.every((job) => job.state === 'aborted')).toBe(true);
  });

  it('come after Create-Job, once', async () => {
    const job = jobOf(await ipp(printer.port, ippRequest('Create-Job', [nameAttribute('job-name', 'x')])));
    const send = ippRequest('Send-Document', [integer('job-id', job), pdf, boolean('last-document', true)]);
    expect((await ipp(printer.port, send, Buffer.from('%PDF'))).status).toBe('successful-ok');
    expect(printer.jobs[0]?.received[0]?.format).toBe('application/pdf');
    expect((await ipp(printer.port, send, Buffer.from('%PDF'))).status).toBe('client-error-not-possible');
    expect((await ipp(printer.port, send)).status).toBe('successful-ok'); // an empty one only closes the job
    const state = groupOf(
      await ipp(printer.port, ippRequest('Get-Job-Attributes', [integer('job-id', job)])),
      'job-attributes-tag'
    );
    expect(firstInteger(state, 'job-state')).toBe(enumValue('job-state', 'completed'));
  });

  it('are waited for no longer than promised', async () => {
    await printer.close();
    const { clock, timers } = heldClock();
    printer = await startTestPrinter({ clock });
    await ipp(printer.port, ippRequest('Create-Job'));
    timers.find(({ ms }) => ms === multipleOperationTimeOut * 1000)?.run();
    expect(printer.jobs[0]?.state).toBe('canceled');
  });

  it('that break off leave nothing behind', async () => {
    const { socket } = await rawConnection(printer.port, head('Transfer-Encoding: chunked'));
    const body = Buffer.concat([ippRequest('Print-Job', [pdf]), randomBytes(1000)]);
    const chunk = printer.chunk();
    socket.write(`${body.length.toString(16)}\r\n`);
    socket.write(body);
    await chunk;
    const finished = printer.finished();
    socket.destroy();
    expect((await finished).state).toBe('aborted');
  });

  it('that stop coming are given up', async () => {
    await printer.close();
    const { clock, timers } = heldClock();
    printer = await startTestPrinter({ clock });
    const { socket } = await rawConnection(printer.port, head('Content-Length: 10000', 'Connection: close'));
    const chunk = printer.chunk();
    socket.write(Buffer.concat([ippRequest('Print-Job', [pdf]), randomBytes(100)]));
    const finished = printer.finished();
    await chunk;
    await new Promise(setImmediate);
    timers.at(-1)?.run();
    expect((await finished).state).toBe('aborted');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    const message = decodeMessage(reply.subarray(reply.indexOf('\r\n\r\n') + 4));
    expect(statusName(message.code)).toBe('client-error-timeout');
    socket.destroy();
  });

  it('are canceled while they arrive', async () => {
    const { socket, answer } = await rawConnection(
      printer.port,
      head('Transfer-Encoding: chunked', 'Connection: close')
    );
    const body = Buffer.concat([ippRequest('Print-Job', [pdf]), randomBytes(1000)]);
    const chunk = printer.chunk();
    socket.write(`${body.length.toString(16)}\r\n${body.toString('latin1')}\r\n`, 'latin1');
    await chunk;
    const [job] = (await ipp(printer.port, ippRequest('Get-Jobs'))).groups.slice(1);
    const id = firstInteger(job?.attributes ?? [], 'job-id') ?? 0;
    expect((await ipp(printer.port, ippRequest('Cancel-Job', [integer('job-id', id)]))).status).toBe('successful-ok');
    socket.write('1\r\nx\r\n0\r\n\r\n');
    const reply = await answer;
    const message = decodeMessage(Buffer.from(reply.slice(reply.indexOf('\r\n\r\n') + 4), 'latin1'));
    expect(statusName(message.code)).toBe('server-error-job-canceled');
    expect(printer.jobs[0]?.state).toBe('canceled');
    expect((await ipp(printer.port, ippRequest('Cancel-Job', [integer('job-id', id)]))).status).toBe(
      'client-error-not-possible'
    );
  });

  it('wait for a slow taker without piling up', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    printer.control.onChunk = () => gate;
    const document = randomBytes(16 * 2 ** 20);
    const { socket, answer } = await rawConnection(
      printer.port,
      head('Connection: close', `Content-Length: ${ippRequest('Print-Job', [pdf]).length + document.length}`)
    );
    const chunk = printer.chunk();
    socket.write(ippRequest('Print-Job', [pdf]));
    socket.write(document);
    await chunk;
    await ipp(printer.port, ippRequest('Get-Jobs')); // the server is not held up, only the upload is
    expect(socket.writableLength).toBeGreaterThan(4 * 2 ** 20);
    const finished = printer.finished();
    open();
    expect((await finished).sha256).toBe(createHash('sha256').update(document).digest('hex'));
    await answer;
  });
});
