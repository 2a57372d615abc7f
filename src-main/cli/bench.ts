import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { KiB, MiB } from '../base/limits.ts';
import { print } from './report.ts';

/** `letterlock bench`: what this machine can do at best, so that a slow print can be told from a slow machine. */
export function addBenchCommand(program: Command): void {
  program
    .command('bench')
    .description('measure sealing, digest and disk of this machine')
    .option('--json', 'machine-readable output')
    .action(async (options: { json?: boolean }) => {
      const result = { sealMiBps: seal(), digestMiBps: digest(), durableWriteMiBps: await durableWrite() };
      print(result, options.json === true, () =>
        [
          `sealing (AES-256-GCM)   ${result.sealMiBps} MiB/s`,
          `digest (SHA-256)        ${result.digestMiBps} MiB/s`,
          `durable writes (fsync)  ${result.durableWriteMiBps} MiB/s`
        ].join('\n')
      );
    });
}

const amount = 256 * MiB;
const segment = randomBytes(64 * KiB);

const rate = (from: number) => Math.round(amount / MiB / ((performance.now() - from) / 1000));

function seal(): number {
  const key = randomBytes(32);
  const from = performance.now();
  for (let done = 0; done < amount; done += segment.length) {
    const cipher = createCipheriv('aes-256-gcm', key, randomBytes(12));
    cipher.update(segment);
    cipher.final();
  }
  return rate(from);
}

function digest(): number {
  const from = performance.now();
  const hash = createHash('sha256');
  for (let done = 0; done < amount; done += segment.length) hash.update(segment);
  hash.digest();
  return rate(from);
}

async function durableWrite(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-bench-'));
  try {
    const file = await open(join(folder, 'data'), 'w');
    const block = randomBytes(MiB);
    const from = performance.now();
    for (let done = 0; done < amount; done += block.length) await file.write(block);
    await file.datasync();
    const result = rate(from);
    await file.close();
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
