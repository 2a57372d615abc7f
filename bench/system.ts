import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { JobView } from '../src-preload/contract/index.ts';
import { run, startDemo } from '../tests/support/demo.ts';

/** Letterlock as measured: the whole demo, printed to with ipptool (as the CUPS baseline is with lp), released at its client. */
export interface System {
  readonly printerUri: string;
  setReplicas(count: number): Promise<void>;
  /** Seconds until the print system is told that the job is done (sealed, durable), and until the printer has printed it. */
  printAndRelease(file: string): Promise<{ submit: number; release: number }>;
  /** Peak resident memory of each process in MB since the bench began. */
  peakMemory(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

export async function openSystem(): Promise<System> {
  const demo = await startDemo(['--without', 'document']);
  const socket = join(demo.line.client.dataDir, 'control.sock');
  const [user] = demo.line.users;
  const pids: [string, number][] = [
    ['client', demo.line.client.pid],
    ['coordinator', demo.line.coordinator.pid],
    ...demo.line.nodes.map(({ pid }, index): [string, number] => [`node-${index + 1}`, pid])
  ];
  for (const [, pid] of pids) await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
  return {
    printerUri: demo.line.printer.uri,
    setReplicas: async (count) => {
      await demo.json(['admin', 'policy', 'set', '--replicas', String(count)]);
    },
    async printAndRelease(file) {
      const from = performance.now();
      const printed = await run('ipptool', [
        '-t',
        '-T',
        '600',
        '-f',
        file,
        '-d',
        'title=bench',
        demo.line.virtualPrinter,
        'tests/system/print-job.test'
      ]);
      if (!printed.stdout.includes('[PASS]')) throw new Error(printed.stdout);
      const submit = (performance.now() - from) / 1000;
      const [job] = await demo.jobs();
      const id = job?.id ?? '';
      const start = performance.now();
      const completed = untilCompleted(socket, id); // listening before it begins
      await call(socket, 'client.release', { job: id, printer: demo.line.printer.id, pin: user?.pin });
      await completed;
      const release = (performance.now() - start) / 1000;
      for (const name of await readdir(demo.line.printer.spoolDir)) await rm(join(demo.line.printer.spoolDir, name));
      return { submit, release };
    },
    async peakMemory() {
      const peaks = pids.map(async ([name, pid]) => [
        name,
        Math.round(Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
      ]);
      return Object.fromEntries(await Promise.all(peaks));
    },
    close: () => demo.stop()
  };
}

/** Resolves when the client says that the job is printed: its own events, without a program to start in between. */
function untilCompleted(socketPath: string, job: string): Promise<void> {
  return new Promise((done, fail) => {
    const watch = request({ socketPath, path: '/events/client.state' }, (response) => {
      createInterface({ input: response }).on('line', (line) => {
        const { jobs } = JSON.parse(line) as { jobs: JobView[] };
        if (jobs.find(({ id }) => id === job)?.state !== 'completed') return;
        done();
        response.destroy();
      });
    });
    watch.once('error', fail).end();
  });
}

function call(socketPath: string, procedure: string, input: unknown): Promise<void> {
  return new Promise((done, fail) => {
    const post = request({ socketPath, path: `/rpc/${procedure}`, method: 'POST' }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      const result = JSON.parse(text) as { ok: boolean };
      if (result.ok) done();
      else fail(new Error(text));
    });
    post.once('error', fail).end(JSON.stringify(input));
  });
}
