import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samplePdf } from '../../build/sample-document.mjs';
import { type Cupsd, startCupsd } from '../support/cups.ts';
import { type Demo, run, startDemo } from '../support/demo.ts';
import { printedDigests, sha256 } from '../support/documents.ts';
import { needs } from '../support/needs.ts';

/** Foreign print systems on the virtual printer of the whole system: sealing, mesh and all behind it. */
let demo: Demo;
let cups: Cupsd;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterlock-print-systems-'));
  demo = await startDemo(['--without', 'document']);
  cups = await startCupsd();
});
afterAll(async () => {
  await cups?.close();
  await demo?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.runIf(needs('root', 'cupsd', 'lp', 'ipptool'))('CUPS', () => {
  it('prints a PDF through a driverless queue byte for byte, and the queue is idle once the job is durable', async () => {
    const document = samplePdf(['printed with lp']);
    const file = join(folder, 'report.pdf');
    await writeFile(file, document);
    await cups.client('lpadmin', '-p', 'Letterlock', '-E', '-v', demo.line.virtualPrinter, '-m', 'everywhere');
    const queued = await cups.client('lp', '-d', 'Letterlock', '-t', 'Report of the year', file);
    await cups.completed(Number(/request id is Letterlock-(\d+)/.exec(queued)?.[1]));
    expect(await cups.client('lpstat', '-p', 'Letterlock')).toContain('is idle');

    const [job] = await demo.jobs();
    expect(job).toMatchObject({ state: 'held', title: 'Report of the year', size: document.length, safeToClose: true });
    const args = ['release', job?.id ?? '', '--printer', demo.line.printer.id, '--pin', '-'];
    const released = await demo.cli(args, { input: `${demo.line.users[0]?.pin}\n` });
    expect(released).toMatchObject({ code: 0, stderr: '' });
    expect(await printedDigests(demo.line.printer.spoolDir)).toEqual([sha256(document)]);
  });
});

describe.runIf(needs('root', 'cupsd', 'lp', 'ipptool'))('ipptool', () => {
  it('its IPP/1.1 suite finds no failure', async () => {
    const suites = '/usr/share/cups/ipptool';
    for (const name of await readdir(suites))
      if (name.endsWith('.test')) await copyFile(join(suites, name), join(folder, name));
    for (const name of ['document-a4.pdf', 'document-letter.pdf'])
      await writeFile(join(folder, name), samplePdf(['conformance']));
    const args = [
      '-t',
      '-I',
      '-V',
      '1.1',
      '-f',
      join(folder, 'document-a4.pdf'),
      demo.line.virtualPrinter,
      join(folder, 'ipp-1.1.test')
    ];
    const { stdout } = await run('ipptool', args);
    expect(stdout).not.toContain('[FAIL]');
    expect(stdout.split('[PASS]').length - 1).toBeGreaterThanOrEqual(29);
  });
});
