import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Demo, run, startDemo } from '../support/demo.ts';
import { printedFiles, sha256OfFile } from '../support/documents.ts';
import { needs } from '../support/needs.ts';

/** A gigabyte passes from a foreign tool to the printer's spool while no process of ours grows with it. */
let demo: Demo;
const size = 1024 ** 3;
const allowed = 96 * 1024 ** 2;

beforeAll(async () => {
  demo = await startDemo(['--without', 'document']);
});
afterAll(() => demo?.stop());

it.runIf(needs('ipptool'))(
  'a 1 GB job costs no process more than 96 MB over its idle size',
  { timeout: 600_000 },
  async () => {
    const file = join(demo.folder, 'large.bin');
    const digest = await writeLarge(file);
    // One small job first: idle means warmed up, with its connections open.
    await passThrough(await smallFile(), 'warm-up');
    const pids = new Map([
      ['coordinator', demo.line.coordinator.pid],
      ['client', demo.line.client.pid],
      ['station', demo.line.station.pid],
      ...demo.line.nodes.map(({ pid }, index) => [`node-${index + 1}`, pid] as const)
    ]);
    const idle = new Map(
      await Promise.all([...pids].map(async ([name, pid]) => [name, await memory(pid, 'VmRSS')] as const))
    );
    for (const pid of pids.values()) await resetPeak(pid);

    const arrived = await passThrough(file, 'large');
    expect(arrived).toBe(digest);
    for (const [name, pid] of pids) {
      const grown = (await memory(pid, 'VmHWM')) - (idle.get(name) ?? 0);
      console.log(`${name}: idle ${mb(idle.get(name) ?? 0)}, grew by ${mb(grown)} at its peak`);
      expect(grown, `${name} grew by ${mb(grown)}`).toBeLessThan(allowed);
    }
  }
);

/** Prints with ipptool, releases by the command line; gives the SHA-256 of what the printer got, and empties its spool. */
async function passThrough(file: string, title: string): Promise<string> {
  const printed = await run('ipptool', [
    '-tv',
    '-T',
    '300',
    '-f',
    file,
    '-d',
    `title=${title}`,
    demo.line.virtualPrinter,
    'tests/system/print-job.test'
  ]);
  expect(printed.stdout).toMatch(/\[PASS\]/);
  const [job] = await demo.jobs();
  const [user] = demo.line.users;
  const released = await demo.cli(['release', job?.id ?? '', '--printer', demo.line.printer.id, '--pin', '-'], {
    input: `${user?.pin}\n`
  });
  expect(released.stderr).toBe('');
  await demo.untilJob(job?.id ?? '', ({ state }) => state === 'completed');
  const [arrived = ''] = await printedFiles(demo.line.printer.spoolDir);
  const digest = await sha256OfFile(arrived);
  await rm(arrived);
  return digest;
}

async function smallFile(): Promise<string> {
  const file = join(demo.folder, 'small.bin');
  await pipeline(Readable.from([Buffer.alloc(1024 * 1024, 7)]), createWriteStream(file));
  return file;
}

async function writeLarge(file: string): Promise<string> {
  const block = Buffer.alloc(1024 * 1024);
  const hash = createHash('sha256');
  function* blocks() {
    for (let index = 0; index < size / block.length; index++) {
      block.writeUInt32BE(index, 0); // each block differs, so that order matters
      hash.update(block);
      yield Buffer.from(block);
    }
  }
  await pipeline(Readable.from(blocks()), createWriteStream(file));
  return hash.digest('hex');
}

/** Bytes, from the kernel's own account. */
async function memory(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}

/** Writing 5 to clear_refs sets the peak (VmHWM) back to the present size. */
async function resetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

const mb = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(0)} MB`;
