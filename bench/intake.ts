import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { which } from '../build/setup.mjs';
import { startCupsd } from '../tests/support/cups.ts';
import { run, startDemo } from '../tests/support/demo.ts';
import { requestsPerSecond } from './ipp-requests.ts';
import { middle } from './numbers.ts';

/**
 * The virtual printer beside its peers, as print clients meet them: answers to Get-Printer-Attributes per second, and the time
 * until a Print-Job of ipptool is answered. Letterlock has sealed the document and synced it to its disk by then (no node is in
 * reach, so that the network is not measured); ippeveprinter and CUPS have put it, readable, into a file.
 */
export interface IntakeReport {
  readonly requests: Record<'letterlock' | 'ippeveprinter' | 'cups', number | null>;
  readonly rows: readonly IntakeRow[];
}
export interface IntakeRow {
  readonly document: string;
  readonly transport: 'ipp' | 'ipps';
  readonly seconds: number;
  /** The peer's seconds divided by ours: above 1 is faster than the peer. */
  readonly toIppeveprinter: number;
  readonly toCups: number | null;
}

const KiB = 1024;
const MiB = 1024 * KiB;

export async function measureIntake(folder: string, sizes: readonly number[], rounds: number): Promise<IntakeReport> {
  const demo = await startDemo(['--without', 'document,station']);
  const cups = await startRawQueue();
  try {
    const printers = {
      letterlock: demo.line.virtualPrinter,
      ippeveprinter: demo.line.printer.uri.replace('ipps:', 'ipp:'),
      cups: cups?.uri ?? null
    };
    const requests = await rates(printers, rounds);
    for (const { pid } of demo.line.nodes) process.kill(pid);
    await demo.untilState<{ connection: { nodes: { alive: boolean }[] } }>('client', ({ connection }) =>
      connection.nodes.every(({ alive }) => !alive)
    );
    const rows: IntakeRow[] = [];
    for (const size of [24 * KiB, ...sizes.map((mb) => mb * MiB)]) {
      const file = join(folder, 'intake.pdf');
      await writeFile(file, documentOf(size));
      for (const transport of ['ipp', 'ipps'] as const) {
        const times = await each(
          printers,
          async (uri, name) =>
            transport === 'ipps' && name === 'cups' ? null : print(uri.replace('ipp:', `${transport}:`), file),
          size > 512 * MiB ? 1 : rounds
        );
        for (const job of await demo.jobs()) await demo.cli(['cancel', job.id]);
        rows.push({
          document: size < MiB ? '1 page' : `${size / MiB} MB`,
          transport,
          seconds: times.letterlock ?? Number.NaN,
          toIppeveprinter: (times.ippeveprinter ?? Number.NaN) / (times.letterlock ?? Number.NaN),
          toCups: times.cups === null ? null : times.cups / (times.letterlock ?? Number.NaN)
        });
      }
      await rm(file);
    }
    return { requests, rows };
  } finally {
    await cups?.close();
    await demo.stop();
  }
}

type Printers = Record<'letterlock' | 'ippeveprinter' | 'cups', string | null>;
type Times = Record<keyof Printers, number | null>;

/** One after the other and round by round, so that what else the machine does meets all of them alike. Medians. */
async function each(
  printers: Printers,
  measure: (uri: string, name: keyof Printers) => Promise<number | null>,
  rounds: number
): Promise<Times> {
  const names = Object.keys(printers) as (keyof Printers)[];
  const taken = new Map<keyof Printers, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const uri = printers[name];
      const value = uri === null ? null : await measure(uri, name);
      if (value !== null) taken.get(name)?.push(value);
    }
  }
  return Object.fromEntries(
    names.map((name) => [name, taken.get(name)?.length ? middle(taken.get(name) ?? []) : null])
  ) as Times;
}

const rates = (printers: Printers, rounds: number): Promise<Times> =>
  each(printers, (uri) => requestsPerSecond(uri, 2), rounds);

async function print(uri: string, file: string): Promise<number> {
  const from = performance.now();
  const args = ['-t', '-T', '300', '-f', file, '-d', 'title=bench', uri, 'tests/system/print-job.test'];
  const { stdout } = await run('ipptool', args);
  if (!stdout.includes('[PASS]')) throw new Error(`${uri}: ${stdout}`);
  return (performance.now() - from) / 1000;
}

/** As a scanner makes it: one stream that nobody can press, and little else. */
function* documentOf(size: number): Generator<Buffer> {
  const block = randomBytes(Math.min(size, MiB));
  yield Buffer.from(`%PDF-1.4\n1 0 obj\n<< /Length ${size} >>\nstream\n`);
  for (let done = 0; done < size; done += block.length) yield block.subarray(0, size - done);
  yield Buffer.from('\nendstream\nendobj\n%%EOF\n');
}

/** A queue that passes everything on unchanged, to nowhere. Null where no CUPS can be run (it needs root). */
async function startRawQueue(): Promise<{ uri: string; close(): Promise<void> } | null> {
  if (!which('cupsd') || process.getuid?.() !== 0) return null;
  const port = await freePort();
  const cups = await startCupsd({ port, terse: true });
  await cups.client('lpadmin', '-p', 'raw', '-v', 'file:///dev/null', '-E');
  return { uri: `ipp://127.0.0.1:${port}/printers/raw`, close: () => cups.close() };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
