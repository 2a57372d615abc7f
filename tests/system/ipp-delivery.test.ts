import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Printer, startPrinter } from '../../build/ippeveprinter.mjs';
import { LetterlockError } from '../../src-main/base/errors.ts';
import { firstInteger, keyword, mimeMediaType, nameAttribute, stringsOf } from '../../src-main/ipp/attributes.ts';
import { fetchPrinterCertificate, openPrinter } from '../../src-main/ipp/client.ts';
import { enumValue } from '../../src-main/ipp/registry.ts';
import { needs } from '../support/needs.ts';

describe.runIf(needs('ippeveprinter'))('delivery to a real IPPS printer', () => {
  const { signal } = new AbortController();
  let printer: Printer;

  beforeAll(async () => {
    printer = await startPrinter();
  });
  afterAll(() => printer?.close());

  const open = () => openPrinter({ uri: printer.uri, pin: printer.certificateSha256, signal });
  const ticket = {
    operation: [nameAttribute('job-name', 'delivery'), mimeMediaType('document-format', 'application/pdf')],
    job: [keyword('sides', 'two-sided-long-edge')]
  };

  it('pins the certificate that it shows', async () => {
    expect((await fetchPrinterCertificate(printer.uri, signal)).sha256).toBe(printer.certificateSha256);
    const wrong = openPrinter({ uri: printer.uri, pin: '0'.repeat(64), signal });
    await expect(wrong.getPrinterAttributes()).rejects.toMatchObject({ code: 'printer-certificate-changed' });
  });

  it('reads what the printer can do', async () => {
    const attributes = await open().getPrinterAttributes('all', 'media-col-database');
    expect(attributes.length).toBeGreaterThan(90);
    expect(stringsOf(attributes, 'document-format-supported')).toContain('application/pdf');
  });

  it('delivers a stream byte for byte', async () => {
    const digest = createHash('sha256');
    async function* document() {
      for (let index = 0; index < 100; index += 1) {
        const chunk = randomBytes(randomBytes(1).readUInt8() * 1024 + 1);
        digest.update(chunk);
        yield chunk;
      }
    }
    const job = await open().printJob(ticket, document());
    const [file = ''] = await readdir(printer.spoolDir);
    const arrived = createHash('sha256');
    await pipeline(createReadStream(join(printer.spoolDir, file)), arrived);
    expect(arrived.digest('hex')).toBe(digest.digest('hex'));
    const state = await open().getJobAttributes(job.number, 'job-state');
    const final = enumValue('job-state', 'completed');
    expect(firstInteger(state, 'job-state')).toBeLessThanOrEqual(final);
    const listed = [
      ...(await open().getJobs('completed', 'job-id')),
      ...(await open().getJobs('not-completed', 'job-id'))
    ];
    expect(listed.map((each) => firstInteger(each, 'job-id'))).toContain(job.number);
  });

  /** As the printer tells it, and as its spool shows it. */
  async function printedSoFar() {
    const ended = await open().getJobs('completed', 'job-state');
    const completed = ended.filter((each) => firstInteger(each, 'job-state') === enumValue('job-state', 'completed'));
    const spooled = (await readdir(printer.spoolDir)).filter((name) => name.endsWith('.pdf'));
    return { completed: completed.length, spooled: spooled.length };
  }

  describe.each(['ipps', 'ipp'])('over %s', (scheme) => {
    const overScheme = () => {
      const uri = printer.uri.replace('ipps', scheme);
      return openPrinter({ uri, pin: printer.certificateSha256, plainAllowed: true, signal });
    };
    async function* broken() {
      for (let index = 0; index < 200; index += 1) yield randomBytes(100_000);
      throw new LetterlockError('seal-broken');
    }

    it('prints nothing of a document that breaks off', async () => {
      const before = await printedSoFar();
      await expect(overScheme().printJob(ticket, broken())).rejects.toMatchObject({ code: 'seal-broken' });
      expect(await printedSoFar()).toEqual(before);
    });

    it('prints nothing of a document that breaks off in a job that was created before', async () => {
      const before = await printedSoFar();
      const client = overScheme();
      const { number } = await client.createJob(ticket);
      const document = { operation: [mimeMediaType('document-format', 'application/pdf')] };
      const sent = client.sendDocument(number, document, broken(), { last: true });
      await expect(sent).rejects.toMatchObject({ code: 'seal-broken' });
      expect(await printedSoFar()).toEqual(before);
      const state = await client.getJobAttributes(number, 'job-state');
      expect(firstInteger(state, 'job-state')).toBe(enumValue('job-state', 'aborted'));
    });

    it('is free for others again when an empty job is canceled', async () => {
      const { number } = await overScheme().createJob(ticket);
      await expect(overScheme().createJob(ticket)).rejects.toMatchObject({ detail: 'server-error-busy' });
      await overScheme().cancelJob(number);
      const next = await overScheme().createJob(ticket);
      await overScheme().cancelJob(next.number);
    });
  });
});
