import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samplePdf } from '../../build/sample-document.mjs';
import { limits } from '../../src-main/base/limits.ts';
import type { JobView } from '../../src-preload/contract/index.ts';
import { type Demo, eventually, firstLine, startDemo } from '../support/demo.ts';
import { needs } from '../support/needs.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

/** Two coordinators as processes over one PostgreSQL; one is killed at the worst moments, and the paper is counted. */
describe.runIf(needs('setpriv', 'root', 'ippeveprinter'))('a coordinator is killed', () => {
  const closing: (() => unknown)[] = [];
  let server: PostgresServer;
  let demo: Demo;
  let database: string;
  let folder: string;
  let first: Coordinator;
  let second: Coordinator;
  const passphrase = 'of the bundle, and long enough';

  interface Coordinator {
    kill(): Promise<unknown> | unknown;
  }

  beforeAll(async () => {
    server = await startPostgres();
    closing.push(() => server.close());
    database = await server.create();
    process.env.PGPASSWORD = server.password;
    folder = await mkdtemp(join(tmpdir(), 'letterlock-second-'));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    demo = await startDemo(['--without', 'document,station', '--database', server.url(database)]);
    closing.push(() => demo.stop());
    first = { kill: () => process.kill(demo.line.coordinator.pid, 'SIGKILL') };

    const bundle = join(folder, 'bundle');
    const made = await demo.cli(['admin', 'coordinator', 'bundle', bundle], { input: `${passphrase}\n` });
    expect(made).toMatchObject({ code: 0 });
    const wrong = await demo.cli(['coordinator', 'join', bundle], { input: 'another one\n', data: folder });
    expect(wrong.stderr).toContain('backup-unreadable');
    const joined = await demo.cli(['coordinator', 'join', bundle], { input: `${passphrase}\n`, data: folder });
    expect(joined).toMatchObject({ code: 0 });
    second = await start(folder);
  }, 180_000);
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
    delete process.env.PGPASSWORD;
  });

  async function start(data: string): Promise<Coordinator> {
    const [command = '', script = ''] = demo.line.cli;
    const args = [
      script,
      '--data',
      data,
      'coordinator',
      'run',
      '--database',
      server.url(database),
      '--exit-with-parent'
    ];
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let problem = '';
    child.stderr.on('data', (chunk: Buffer) => {
      problem += chunk.toString('utf8');
    });
    const kill = async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    };
    closing.push(kill);
    await firstLine(child, () => problem);
    return { kill };
  }

  async function submit(title: string): Promise<{ id: string; title: string }> {
    const file = join(folder, `${title}.pdf`);
    await writeFile(file, samplePdf([title]));
    const { id } = await demo.json<{ id: string }>(['submit', file, '--title', title]);
    return { id, title };
  }
  const release = (job: { id: string }) =>
    demo.cli(['release', job.id, '--printer', demo.line.printer.id, '--pin', '-'], {
      input: `${demo.line.users[0]?.pin}\n`
    });
  /** Of the paper at the printer: sheets with this title. */
  const sheets = async (title: string) =>
    (await readdir(demo.line.printer.spoolDir)).filter((name) => name.endsWith(`-${title}.pdf`)).length;

  /** Resolves the moment that PostgreSQL has committed what says so, for the `count`-th time. */
  async function committed(job: { id: string }, count: number): Promise<void> {
    const client = await server.connect(database);
    await client.query('listen letterlock');
    let seen = 0;
    await new Promise<void>((resolve) =>
      client.on('notification', ({ payload = '' }) => {
        if (payload.includes('"changed"') && payload.includes(job.id)) seen += 1;
        if (seen === count) resolve();
      })
    );
    await client.end();
  }

  /** People try again until it is printed; the program never asks for a second copy by itself. */
  async function finish(job: { id: string }): Promise<JobView['state'] | undefined> {
    const state = async () => (await demo.jobs()).find(({ id }) => id === job.id)?.state;
    return eventually(
      async () => {
        const now = await state();
        if (now === 'completed' || now === 'uncertain') return now;
        await release(job);
        return state();
      },
      (now) => now === 'completed' || now === 'uncertain',
      3 * limits.grantSeconds // a grant that nobody got has to run out first
    );
  }

  test('in mid-grant and while a node prints: nothing is printed twice, nothing is stuck', async () => {
    const jobs = [await submit('granted'), await submit('printing'), await submit('waiting')] as const;
    // The claim is committed, the answer has not left or has not been read.
    const claimed = committed(jobs[0], 1).then(() => first.kill());
    await Promise.all([claimed, release(jobs[0]), release(jobs[1])]);
    for (const job of jobs) expect(await finish(job)).toBe('completed');
    for (const { title } of jobs) expect(await sheets(title)).toBe(1);
  }, 180_000);

  test('the other one can go while a node prints, once there is a third', async () => {
    const job = await submit('started');
    const file = join(folder, 'third.bundle');
    const third = await mkdtemp(join(tmpdir(), 'letterlock-third-'));
    closing.push(() => rm(third, { recursive: true, force: true }));
    const to = { input: `${passphrase}\n`, data: folder };
    expect(await demo.cli(['admin', 'coordinator', 'bundle', file], to)).toMatchObject({ code: 0 });
    expect(await demo.cli(['coordinator', 'join', file], { ...to, data: third })).toMatchObject({ code: 0 });
    await start(third);
    const started = committed(job, 2).then(() => second.kill());
    await Promise.all([started, release(job)]);
    expect(await finish(job)).toBe('completed');
    expect(await sheets(job.title)).toBe(1);
    const report = await demo.json<{ intact: boolean }>(['admin', 'audit', 'verify'], { data: third });
    expect(report.intact).toBe(true);
  }, 180_000);
});
