import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAes, measureSha256 } from './baseline-crypto.ts';
import { type HeldQueue, startHeldQueue } from './baseline-cups.ts';
import { startReceivers } from './baseline-tls.ts';
import { measureCoordinator, printCoordinator } from './coordinator.ts';
import { measureStreams, printStreams } from './coordinator-streams.ts';
import { measureIntake } from './intake.ts';
import { measureMesh, printMesh } from './mesh.ts';
import { middle } from './numbers.ts';
import { printIntake, printTable, type Row } from './report.ts';
import { openSystem, type System } from './system.ts';

const MiB = 1024 * 1024;

/**
 * Submit and release, measured on the machine at hand, always as a ratio to baselines of the same run: raw AES-256-GCM, raw
 * mutually authenticated TLS 1.3 to the same number of receivers with fsync, and the same job through a CUPS queue that holds it.
 * Above 1 means faster than the baseline. Seconds are printed for orientation only: machines differ, ratios hold.
 */
export async function bench(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      sizes: { type: 'string', default: '1,100,1024' },
      replicas: { type: 'string', default: '1,2,3' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: 'intake,jobs' }
    }
  });
  const only = new Set(values.only.split(','));
  if (only.delete('coordinator')) {
    const coordinator = await measureCoordinator();
    if (values.json) process.stdout.write(`${JSON.stringify({ coordinator })}\n`);
    else printCoordinator(coordinator);
    if (only.size === 0) return 0;
  }
  if (only.delete('streams')) {
    const streams = await measureStreams();
    if (values.json) process.stdout.write(`${JSON.stringify({ streams })}\n`);
    else printStreams(streams);
    if (only.size === 0) return 0;
  }
  const sizes = values.sizes.split(',').map(Number);
  const rounds = Number(values.rounds);
  if (only.delete('mesh')) {
    const mesh = await measureMesh(sizes, rounds);
    if (values.json) process.stdout.write(`${JSON.stringify({ mesh })}\n`);
    else printMesh(mesh);
    if (only.size === 0) return 0;
  }
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-bench-'));
  const intake = only.has('intake') ? await measureIntake(folder, sizes, rounds) : null;
  if (intake && !values.json) printIntake(intake);
  if (!only.has('jobs')) {
    if (values.json) process.stdout.write(`${JSON.stringify({ intake })}\n`);
    await rm(folder, { recursive: true, force: true });
    return 0;
  }
  const system = await openSystem();
  const cups = await startHeldQueue(system.printerUri);
  const rows: Row[] = [];
  try {
    for (const size of sizes) {
      const times = size >= 512 ? 1 : rounds;
      const replicas = values.replicas.split(',').map(Number);
      rows.push(...(await measure({ size, rounds: times, replicas, folder, system, cups })));
    }
    const aesToSha256 = (await measureSha256(256 * MiB)) / (await measureAes(256 * MiB));
    const report = {
      cores: availableParallelism(),
      node: process.versions.node,
      aesToSha256,
      peakMemory: await system.peakMemory(),
      rows,
      intake
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

interface Measurement {
  /** MiB of the document. */
  readonly size: number;
  readonly rounds: number;
  readonly replicas: readonly number[];
  readonly folder: string;
  readonly system: System;
  readonly cups: HeldQueue | null;
}

/** One document size: its baselines once, then Letterlock with each number of replicas. */
async function measure({ size, rounds, replicas, folder, system, cups }: Measurement): Promise<Row[]> {
  const file = await documentOf(folder, size * MiB);
  const aes = await median(rounds, () => measureAes(size * MiB));
  const held = cups && (await both(rounds, () => cups.printAndRelease(file)));
  const rows: Row[] = [];
  for (const count of replicas) {
    const receivers = await startReceivers(folder, count);
    const all = await median(rounds, () => receivers.send(file));
    const one = await median(rounds, () => receivers.send(file, 1)); // what a release moves: from one node to the printer
    await receivers.close();
    await system.setReplicas(count);
    const { submit, release } = await both(rounds, () => system.printAndRelease(file));
    const ratios = (seconds: number, tls: number, other: number | undefined) => ({
      seconds,
      toAes: aes / seconds,
      toTls: tls / seconds,
      toCups: other === undefined ? null : other / seconds
    });
    rows.push({ size, replicas: count, what: 'submit', ...ratios(submit, all, held?.submit) });
    rows.push({ size, replicas: count, what: 'release', ...ratios(release, one, held?.release) });
  }
  await rm(file);
  return rows;
}

/** Medians of a job's two halves. */
async function both(rounds: number, run: () => Promise<{ submit: number; release: number }>) {
  const times = [];
  for (let round = 0; round < rounds; round++) times.push(await run());
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
