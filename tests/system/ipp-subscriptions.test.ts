import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { pdfDocument } from '../support/pdf.ts';
import { startTestPrinter, type TestPrinter } from '../support/test-printer.ts';

const run = promisify(execFile);

describe.runIf(needs('ipptool'))('subscriptions, asked for by ipptool', () => {
  let printer: TestPrinter;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'letterlock-documents-'));
    await writeFile(join(folder, 'page.pdf'), pdfDocument(1));
    printer = await startTestPrinter();
  });
  afterAll(async () => {
    await printer?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** What the test said, which must be that it passed: the exit status of ipptool does not tell. */
  async function ipptool(test: string, variables: Record<string, string> = {}): Promise<string> {
    const given = Object.entries(variables).flatMap(([name, value]) => ['-d', `${name}=${value}`]);
    const { stdout } = await run('ipptool', ['-tv', ...given, printer.uri, test]);
    expect(stdout.match(/\[(PASS|FAIL|SKIP)\]$/gm)).toEqual(['[PASS]']);
    return stdout;
  }
  const own = (name: string) => join(import.meta.dirname, name);

  it('tell a client that waits of the job that comes', async () => {
    const created = await ipptool(own('create-subscription.test'));
    const id = /notify-subscription-id \(integer\) = (\d+)/.exec(created)?.[1] ?? '';
    const told = ipptool(own('get-notifications.test'), { id });
    const printed = await ipptool(own('print-job.test'), { filename: join(folder, 'page.pdf'), title: 'page' });
    const job = /job-id \(integer\) = \d+/.exec(printed)?.[0] ?? 'no job';
    expect(await told).toContain('notify-subscribed-event (keyword) = job-created');
    expect(await told).toContain(job);
    expect(await ipptool('get-subscriptions.test')).toContain(`notify-subscription-id (integer) = ${id}`);
  });
});
