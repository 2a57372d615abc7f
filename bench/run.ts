import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAes, measureSha256 } from './baseline-crypto.ts';
import { startHeldQueue } from './baseline-cups.ts';
import { startReceivers } from './baseline-tls.ts';
import { printTable } from './report.ts';
import { openSystem } from './system.ts';

/**
 * Submit and release, measured on the machine at hand, always as a ratio to baselines of the same run: raw AES-256-GCM, raw
 * mutually authenticated TLS 1.3 to the same number of receivers with fsync, and the same job through a CUPS queue that holds it.
 * Above 1 means faster than the baseline. Seconds are printed for orientation only: machines differ, ratios hold.
 */
export interface Row {
  readonly size: number;
  readonly replicas: number;
  readonly what: 'submit' | 'release';
  readonly seconds: number;
  /** Baseline seconds divided by ours. */
  readonly toAes: number;
  readonly toTls: number;
  readonly toCups: number | null;
}

const MiB = 1024 * 1024;

export async function bench(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      sizes: { type: 'string', default: '1,100,1024' },
      replicas: { type: 'string', default: '1,2,3' },
      rounds: { type: 'string', default: '3' }
    }
  });
  const sizes = values.sizes.split(',').map(Number);
  const replicas = values.replicas.split(',').map(Number);
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-bench-'));
  const system = await openSystem();
  const cups = await startHeldQueue(system.printerUri);
  const rows: Row[] = [];
  try {
    for (const size of sizes) {
      const rounds = size >= 512 ? 1 : Number(values.rounds);
      const file = await documentOf(folder, size * MiB);
      const aes = await median(rounds, () => measureAes(size * MiB));
      const held = cups ? await cupsTimes(cups, file, rounds) : null;
      for (const count of replicas) {
        const receivers = await startReceivers(folder, count);
        const tls = await median(rounds, () => receivers.send(file));
        const single = count === 1 ? tls : await median(rounds, () => receivers.send(file, 1));
        await receivers.close();
        await system.setReplicas(count);
        const times = [];
        for (let round = 0; round < rounds; round++) times.push(await system.printAndRelease(file));
        const submit = middle(times.map((one) => one.submit));
        const release = middle(times.map((one) => one.release));
        rows.push({
          size,
          replicas: count,
          what: 'submit',
          seconds: submit,
          toAes: aes / submit,
          toTls: tls / submit,
          toCups: held && held.submit / submit
        });
        rows.push({
          size,
          replicas: count,
          what: 'release',
          seconds: release,
          toAes: aes / release,
          toTls: single / release,
          toCups: held && held.release / release
        });
      }
      await rm(file);
    }
    const report = {
      cores: availableParallelism(),
      node: process.versions.node,
      aesToSha256: (await measureSha256(256 * MiB)) / (await measureAes(256 * MiB)),
      peakMemory: await system.peakMemory(),
      rows
    };
    if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else printTable(report);
    return 0;
  } finally {
    await cups?.close();
    await system.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function cupsTimes(cups: NonNullable<Awaited<ReturnType<typeof startHeldQueue>>>, file: string, rounds: number) {
  const times = [];
  for (let round = 0; round < rounds; round++) times.push(await cups.printAndRelease(file));
  return { submit: middle(times.map((one) => one.submit)), release: middle(times.map((one) => one.release)) };
}

async function documentOf(folder: string, size: number): Promise<string> {
  const file = join(folder, 'document.bin');
  const block = Buffer.alloc(Math.min(size, MiB), '%PDF-1.4 not compressible enough to matter ');
  await writeFile(
    file,
    (function* blocks() {
      for (let done = 0; done < size; done += block.length) yield block;
    })()
  );
  return file;
}

async function median(rounds: number, measure: () => number | Promise<number>): Promise<number> {
  const times = [];
  for (let round = 0; round < rounds; round++) times.push(await measure());
  return middle(times);
}

function middle(times: number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
