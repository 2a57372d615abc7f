import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LetterlockError } from '../../src-main/base/errors.ts';
import { writeRasterSamples } from '../conformance/pwg-raster.ts';
import { selfSigned } from '../support/certificates.ts';
import { needs } from '../support/needs.ts';
import { pdfDocument } from '../support/pdf.ts';
import { startTestPrinter, type TestPrinter } from '../support/test-printer.ts';

/** The conformance suites that come with CUPS. ipptool's exit status says nothing about included suites: lines are counted. */
const suites = '/usr/share/cups/ipptool';

describe.runIf(needs('ipptool'))('ipptool', () => {
  let folder: string;
  let printer: TestPrinter;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'letterlock-ipptool-'));
    for (const name of await readdir(suites)) {
      if (name.endsWith('.test')) await copyFile(join(suites, name), join(folder, name));
    }
    for (const name of ['document-a4.pdf', 'document-letter.pdf']) await writeFile(join(folder, name), pdfDocument());
    for (const name of ['document-a4.ps', 'document-letter.ps'])
      await writeFile(join(folder, name), '%!PS\nshowpage\n');
    for (const name of ['color.jpg', 'gray.jpg']) await writeFile(join(folder, name), jpeg);
    const everywhere = await readFile(join(folder, 'ipp-everywhere.test'), 'utf8');
    expect(await writeRasterSamples(everywhere, folder)).toBeGreaterThan(100);
    printer = await startTestPrinter({ tls: selfSigned() });
  });
  afterAll(async () => {
    await printer?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function ipptool(uri: string, version: string, suite: string) {
    const args = ['-t', '-I', '-V', version, '-f', 'document-a4.pdf', uri, suite];
    const child = spawn('ipptool', args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const output = await text(child.stdout);
    const count = (result: string) => output.split(`[${result}]`).length - 1;
    return { passed: count('PASS'), failed: count('FAIL'), output };
  }

  it.each([
    ['1.1', 'ipp-1.1.test', 'ipp', 30],
    ['2.0', 'ipp-2.0.test', 'ipp', 30],
    ['2.0', 'ipp-everywhere.test', 'ipp', 130],
    ['1.1', 'ipp-1.1.test', 'ipps', 30]
  ])('IPP %s: %s over %s without a failure', async (version, suite, scheme, least) => {
    const uri = printer.uri.replace('ipp:', `${scheme}:`).replace('127.0.0.1', 'localhost');
    const { passed, failed, output } = await ipptool(uri, version, suite);
    expect(failed, output).toBe(0);
    expect(passed, output).toBeGreaterThanOrEqual(least);
  });

  it('is not blind: a printer that takes no jobs fails the suite', async () => {
    printer.control.refusal = new LetterlockError('not-paired');
    const { failed } = await ipptool(printer.uri, '1.1', 'ipp-1.1.test');
    printer.control.refusal = null;
    expect(failed).toBeGreaterThan(0);
  });
});

/** Begin, JFIF header, end: enough for who doesn't decode it. */
const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex');
