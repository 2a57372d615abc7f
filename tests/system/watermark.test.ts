import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samplePdf } from '../../build/sample-document.mjs';
import { callControl } from '../../src-main/app/control-client.ts';
import type { JobId, Output, PrinterId } from '../../src-preload/contract/index.ts';
import { type Demo, startDemo } from '../support/demo.ts';
import { filesContaining, printedFiles } from '../support/documents.ts';
import { needs } from '../support/needs.ts';

/** A watermark by policy, with real processes, from the rule to the paper. */
describe.runIf(needs('ippeveprinter', 'pdftotext'))('a watermark', () => {
  let demo: Demo;
  const canary = 'Takeover of the pear orchard';

  beforeAll(async () => {
    demo = await startDemo(['--without', 'document']);
    await demo.json([
      ...['admin', 'policy', 'rule', 'set', 'mark', '--words', 'Everything is marked.'],
      ...['--watermark', '{user} {job}', '--watermark-place', 'footer']
    ]);
  }, 300_000);
  afterAll(() => demo?.stop());

  async function print(document: Uint8Array): Promise<JobId> {
    const file = join(demo.folder, 'outside.pdf');
    await writeFile(file, document);
    const { id } = await demo.json<{ id: JobId }>(['submit', file, '--title', 'Plan']);
    await rm(file);
    await demo.untilJob(id, ({ holders }) => holders.length === 2);
    return id;
  }
  /** As a person at the station: the answer as its code, or `printed`. */
  async function release(job: JobId): Promise<string> {
    const [user] = demo.line.users;
    const station = demo.line.station.dataDir;
    await callControl(station, 'station.sign-in', { user: user?.name ?? '', pin: user?.pin ?? '' });
    const printer = demo.line.printer.id as PrinterId;
    return callControl(station, 'station.release', { job, printer, acceptSecondCopy: false }).then(
      () => 'printed',
      (error: { code: string }) => error.code
    );
  }

  it('is on the paper, and what was printed is on no disk of ours', async () => {
    const job = await print(samplePdf([canary]));
    expect(await release(job)).toBe('printed');
    await demo.untilJob(job, ({ state }) => state === 'completed');
    const [file = ''] = await printedFiles(demo.line.printer.spoolDir);
    const { stdout } = await promisify(execFile)('pdftotext', [file, '-']);
    expect(stdout).toContain(canary);
    expect(stdout).toContain(`${demo.line.users[0]?.name} ${job.slice(0, 8)}`);
    const ours = await filesContaining(demo.folder, [canary]);
    expect(ours.filter((found) => !found.startsWith(demo.line.printer.spoolDir))).toEqual([]);
  });

  it('that cannot be stamped keeps the job from being printed, and it stays held', async () => {
    const job = await print(Buffer.from('%PDF-1.7\nthis is none\n%%EOF\n'));
    expect(await release(job)).toBe('policy-refused');
    const shown = await demo.json<Output<'admin.job.show'>>(['admin', 'job', 'show', job]);
    expect(shown.state).toBe('held');
    expect(await printedFiles(demo.line.printer.spoolDir)).toHaveLength(1);
    const why = await demo.cli(['admin', 'policy', 'why', job]);
    expect(why.stdout).toMatch(/watermark +mark/);
  });
});
