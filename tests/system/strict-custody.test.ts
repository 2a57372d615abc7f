import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samplePdf } from '../../build/sample-document.mjs';
import { callControl } from '../../src-main/app/control-client.ts';
import type { ClientState, JobId, Output, PrinterId } from '../../src-preload/contract/index.ts';
import { type Demo, eventually, startDemo } from '../support/demo.ts';
import { printedDigests, printedFiles, sha256 } from '../support/documents.ts';
import { needs } from '../support/needs.ts';

/**
 * Strict custody with real processes: somebody stands at a station and asks, the computer that printed the document answers, and
 * without its word no printer gets a byte.
 */
describe.runIf(needs('ippeveprinter'))('a document in strict custody', () => {
  let demo: Demo;
  let printer: PrinterId;
  const document = samplePdf(['Salaries']);

  beforeAll(async () => {
    demo = await startDemo(['--without', 'document']);
    printer = demo.line.printer.id as PrinterId;
    await demo.json(['admin', 'policy', 'set', '--custody', 'strict', '--reason', 'works council']);
  }, 300_000);
  afterAll(() => demo?.stop());

  const station = () => demo.line.station.dataDir;
  const spooled = () => demo.line.printer.spoolDir;

  async function print(title: string): Promise<JobId> {
    const file = join(demo.folder, 'outside.pdf');
    await writeFile(file, document);
    const { id } = await demo.json<{ id: JobId }>(['submit', file, '--title', title]);
    await rm(file);
    await demo.untilJob(id, ({ holders }) => holders.length === 2);
    return id;
  }
  /** As a person at the station: signs in and asks; the answer as its code, or `printed`. */
  async function ask(job: JobId): Promise<{ readonly answered: Promise<string> }> {
    const [user] = demo.line.users;
    const { session } = await callControl(station(), 'station.sign-in', {
      user: user?.name ?? '',
      pin: user?.pin ?? ''
    });
    expect(session?.jobs.find(({ id }) => id === job)).toMatchObject({ state: 'held' });
    const answered = callControl(station(), 'station.release', { job, printer, acceptSecondCopy: false }).then(
      () => 'printed',
      (error: { code: string }) => error.code
    );
    return { answered };
  }
  /** On the command line of the computer that printed; the text of its picture. */
  async function takeTicket(job: JobId): Promise<string> {
    const pin = join(demo.folder, 'pin');
    await writeFile(pin, demo.line.users[0]?.pin ?? '');
    const refused = await demo.cli(['ticket', job, '--pin', '@/dev/null']);
    expect(refused.stderr).toContain('input-invalid');
    const picture = await demo.cli(['ticket', job, '--pin', `@${pin}`]);
    expect(picture.stdout).toContain('hold it to the scanner');
    const [ticket] = await demo.json<Output<'client.ticket'>[]>(['ticket', job, '--pin', `@${pin}`]);
    await rm(pin);
    return ticket?.text ?? '';
  }
  const approvals = async () =>
    (await demo.untilState<ClientState>('client', (state) => state.approvals.length > 0)).approvals;
  const stateAtCoordinator = async (id: JobId) =>
    (await demo.json<Output<'admin.job.show'>>(['admin', 'job', 'show', id])).state;

  it('is not printed when the answer is no', async () => {
    const job = await print('Refused');
    const { answered } = await ask(job);
    const [waiting] = await approvals();
    expect(waiting).toMatchObject({ job, title: 'Refused', station: 'Station' });
    const declined = await demo.cli(['approve', waiting?.id ?? '', '--decline']);
    expect(declined.stdout).toContain('it stays held');
    expect(await answered).toBe('approval-declined');
    expect(await stateAtCoordinator(job)).toBe('held');
    expect(await printedFiles(spooled())).toEqual([]);
  });

  it('is printed when the answer is yes, and who held it signs that nothing is left', async () => {
    const job = await print('Approved');
    const { answered } = await ask(job);
    const [waiting] = await approvals();
    expect((await demo.cli(['approve', waiting?.id ?? ''])).stdout).toContain('it prints now');
    expect(await answered).toBe('printed');
    await demo.untilJob(job, ({ state }) => state === 'completed');
    expect(await printedDigests(spooled())).toEqual([sha256(document)]);

    const shown = await eventually(
      () => demo.cli(['admin', 'job', 'show', job]),
      ({ stdout }) => !stdout.includes('not yet erased')
    );
    expect(shown.stdout).toContain('custody strict');
    expect(shown.stdout.match(/^erased by .+, signed$/gm)).toHaveLength(2);
    const file = join(demo.folder, 'log.jsonl');
    expect((await demo.cli(['admin', 'audit', 'export', '--output', file])).code).toBe(0);
    expect((await demo.cli(['audit', 'verify', file])).stdout).toContain('erasure receipts signed by their nodes: 2');
    expect(await readFile(file, 'utf8')).not.toContain('Approved');
  });

  it('is not printed while the computer is off, and that is what is said; with a ticket it is', async () => {
    const job = await print('Asleep');
    const text = await takeTicket(job);
    const { pid } = demo.line.client;
    process.kill(pid, 'SIGKILL');
    await eventually(
      () => demo.json<Output<'admin.device.list'>>(['admin', 'device', 'list']),
      (devices) => devices.find(({ name }) => name === 'Laptop')?.online === false
    );
    const { answered } = await ask(job);
    expect(await answered).toBe('approval-unavailable');
    const state = await callControl(station(), 'station.state', {});
    const seen = state.session?.jobs.find(({ id }) => id === job);
    expect(seen).toMatchObject({ state: 'held', failure: { code: 'approval-unavailable' } });
    expect(seen?.failure?.message).toContain('is not connected');
    expect(await printedFiles(spooled())).toHaveLength(1);

    // Its owner has a ticket in their pocket, which is on no disk and in no log.
    expect(await callControl(station(), 'station.ticket', { text })).toEqual({ job });
    await callControl(station(), 'station.release', { job, printer, acceptSecondCopy: false });
    await eventually(
      () => stateAtCoordinator(job),
      (now) => now === 'completed'
    );
    expect(await printedFiles(spooled())).toHaveLength(2);
    for (const file of await readdir(demo.folder, { recursive: true, withFileTypes: true }))
      if (file.isFile()) expect((await readFile(join(file.parentPath, file.name))).includes(text)).toBe(false);
  });
});
