import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../../src-main/ipp/access.ts';
import { firstInteger, firstString } from '../../src-main/ipp/attributes.ts';
import { type Cupsd, startCupsd } from '../support/cups.ts';
import { needs } from '../support/needs.ts';
import { pdfDocument } from '../support/pdf.ts';
import { startTestPrinter, type TestPrinter } from '../support/test-printer.ts';

/** A queue made by hand holds no credentials. */
const everybody: Access = {
  authentication: 'requesting-user-name',
  admit: async () => ({ name: null, sees: 'all' })
};

describe.runIf(needs('root', 'cupsd', 'lp'))('a CUPS queue on the virtual printer', () => {
  let cups: Cupsd;
  let printer: TestPrinter;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'letterlock-documents-'));
    [cups, printer] = await Promise.all([startCupsd(), startTestPrinter({ access: everybody })]);
    await cups.client('lpadmin', '-p', 'Letterlock', '-E', '-v', printer.uri, '-m', 'everywhere');
  });
  afterAll(async () => {
    await cups?.close();
    await printer?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('passes a PDF byte for byte, with its options, and is idle again', async () => {
    const pdf = pdfDocument(300);
    const file = join(folder, 'quarterly figures.pdf');
    await writeFile(file, pdf);
    const finished = printer.finished();
    await cups.client('lp', '-d', 'Letterlock', '-n', '2', '-o', 'sides=two-sided-long-edge', '-o', 'media=A4', file);
    const [job] = await Promise.all([finished, cups.completed(1)]);
    expect(job.state).toBe('completed');
    expect(job.sha256).toBe(createHash('sha256').update(pdf).digest('hex'));
    expect(job.name).toBe('quarterly figures.pdf');
    expect(job.documents).toBe(1);
    expect(firstInteger(job.request.attributes, 'copies')).toBe(2);
    expect(firstString(job.request.attributes, 'sides')).toBe('two-sided-long-edge');
    expect(await cups.client('lpstat', '-W', 'completed', '-o')).toContain('Letterlock-1');
    expect(await cups.client('lpstat', '-p', 'Letterlock')).toContain('is idle');
  });

  it('takes the next job at once', async () => {
    const file = join(folder, 'second.pdf');
    await writeFile(file, pdfDocument(3));
    const finished = printer.finished();
    await cups.client('lp', '-d', 'Letterlock', file);
    const [{ state }] = await Promise.all([finished, cups.completed(2)]);
    expect(state).toBe('completed');
    expect(printer.jobs).toHaveLength(2);
  });
});
