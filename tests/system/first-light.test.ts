import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samplePdf } from '../../build/sample-document.mjs';
import { type Capture, startCapture } from '../support/capture.ts';
import { type Demo, eventually, run, startDemo } from '../support/demo.ts';
import { filesBelow, filesContaining, printedDigests, printedFiles, sha256 } from '../support/documents.ts';
import { needs } from '../support/needs.ts';

/**
 * The main job, from outside: a document printed with a foreign tool is sealed, held by two nodes, released with a PIN, and comes
 * out of a real IPPS printer byte for byte; nothing of it is left, and nowhere on its way could anybody read it.
 */
let demo: Demo;
let capture: Capture;
const canary = `CANARY-${randomBytes(16).toString('hex')}`;
const title = `Title ${canary}`;
const document = samplePdf(['Salaries', canary]);

beforeAll(async () => {
  demo = await startDemo(['--without', 'document']);
  capture = await startCapture(demo.line);
});
afterAll(async () => {
  await capture?.stop();
  await demo?.stop();
});

describe.runIf(needs('root', 'tcpdump', 'ipptool'))('a document, from the laptop to the printer', () => {
  let job = '';

  it('is printed by a foreign IPP client, sealed and held by two nodes', async () => {
    const file = join(demo.folder, 'outside.pdf');
    await writeFile(file, document);
    const printed = await run('ipptool', [
      '-tv',
      '-f',
      file,
      '-d',
      `title=${title}`,
      demo.line.virtualPrinter,
      'tests/system/print-job.test'
    ]);
    expect(printed.stdout).toMatch(/\[PASS\]/);
    await rm(file);

    const [held] = await demo.jobs();
    expect(held).toMatchObject({ state: 'held', owner: 'alice', size: document.length, title, safeToClose: true });
    expect(held?.holders).toHaveLength(2);
    job = held?.id ?? '';

    expect(await filesContaining(demo.folder, [canary])).toEqual([]);
  });

  it('is refused to a wrong PIN, with a code, and stays held', async () => {
    const wrong = await demo.cli(['release', job, '--printer', demo.line.printer.id, '--user', 'alice', '--pin', '-'], {
      input: '0000000000\n'
    });
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toMatch(/^letterlock: pin-wrong: /);
    expect((await demo.jobs()).find(({ id }) => id === job)?.state).toBe('held');
  });

  it('is released with the PIN and arrives with the same SHA-256', async () => {
    const pin = demo.line.users[0]?.pin ?? '';
    const released = await demo.cli(
      ['release', job, '--printer', demo.line.printer.id, '--user', 'alice', '--pin', '-'],
      { input: `${pin}\n` }
    );
    expect(released.stderr).toBe('');
    expect(released.code).toBe(0);
    expect(await printedDigests(demo.line.printer.spoolDir)).toEqual([sha256(document)]);
    expect((await printedFiles(demo.line.printer.spoolDir)).join()).not.toContain(canary);
  });

  it('leaves nothing behind: no blob, no key, and receipts in an intact audit log', async () => {
    await demo.untilJob(job, ({ state }) => state === 'completed');
    const erased = await eventually(
      () => auditRowsWith(job, 'job.erased'),
      (rows) => rows.length === 2
    );
    expect(erased).toHaveLength(2);
    expect(await auditRowsWith(job, 'job-part.destroyed')).toHaveLength(1);
    for (const node of demo.line.nodes) {
      const left = (await filesBelow(node.dataDir)).filter((file) => file.includes(`replicas/${job}`));
      expect(left).toEqual([]);
    }
    const report = await demo.json<{ intact: boolean }>(['admin', 'audit', 'verify']);
    expect(report.intact).toBe(true);
  });

  it('cannot be released a second time', async () => {
    const pin = demo.line.users[0]?.pin ?? '';
    const again = await demo.cli(['release', job, '--printer', demo.line.printer.id, '--user', 'alice', '--pin', '-'], {
      input: `${pin}\n`
    });
    expect(again.code).toBe(3);
    expect(again.stderr).toContain('job-already-released');
    expect(await printedFiles(demo.line.printer.spoolDir)).toHaveLength(1);
  });

  it('no packet between the machines, or to the printer, showed any of it', async () => {
    const packets = await capture.stop();
    expect(packets.bytes).toBeGreaterThan(document.length * 3); // twice to nodes, once to the printer
    expect(packets.contains(canary)).toBe(false);
    expect(packets.contains(demo.line.users[0]?.pin ?? canary)).toBe(false);
  });

  it('the coordinator saw neither document nor title nor PIN; no log holds a secret', async () => {
    const secrets = [canary, demo.line.users[0]?.pin ?? canary];
    expect(await filesContaining(demo.line.coordinator.dataDir, [canary])).toEqual([]);
    expect(await filesContaining(join(demo.folder, 'logs'), secrets)).toEqual([]);
  });

  it('takes a document that is the first thing on a TLS connection', async () => {
    const file = join(demo.folder, 'outside.pdf');
    await writeFile(file, document);
    const uri = demo.line.virtualPrinter.replace('ipp:', 'ipps:');
    const args = ['-t', '-f', file, '-d', 'title=first', uri, 'tests/system/print-job.test'];
    const printed = await run('timeout', ['60', 'ipptool', ...args]); // one that connects anew for ever minds no time-out of its own
    expect(printed.stdout).toMatch(/\[PASS\]/);
  });
});

interface AuditRow {
  readonly action: string;
  readonly subject: string;
  readonly sequence: number;
}

async function auditRowsWith(job: string, action: string): Promise<AuditRow[]> {
  const rows = await demo.json<AuditRow[]>(['admin', 'audit', 'list', '--limit', '1000']);
  return rows.filter((row) => row.subject === job && row.action === action);
}
