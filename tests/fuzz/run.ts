import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Finding } from './finding.ts';
import { type FuzzReport, fuzz } from './fuzz.ts';

/** The command line of the fuzzer. Returns the exit code: 1 when anything was found. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string' } }
  });
  const requests = Number(values.requests);
  const seed = Number(values.seed ?? randomInt(2 ** 31));
  console.log(`${requests} requests, seed ${seed}`);
  const onProgress = (done: number, heap: number): void => {
    if (done % 100_000 < 20_000) console.log(`${done}\theap ${Math.round(heap / 2 ** 20)} MiB`);
  };
  const report = await fuzz({ requests, seed, onProgress });
  printReport(report);
  for (const [index, { target, finding }] of report.findings.entries()) {
    const file = save(`${seed}-${index}-${target}`, finding);
    console.log(`FOUND ${target}: ${finding.message} (${file})`, finding.cause ?? '');
  }
  const grew = report.heapGrowth > mostHeapGrowth;
  if (grew) console.log('FOUND: the heap grows');
  return report.findings.length > 0 || grew ? 1 : 0;
}

/** Bytes: jobs and answers that are remembered take some. */
export const mostHeapGrowth = 64 * 2 ** 20;

function printReport({ requests, seconds, outcomes, heapGrowth }: FuzzReport): void {
  for (const [target, counts] of Object.entries(outcomes)) {
    console.log(target);
    const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
    for (const [outcome, count] of sorted) console.log(`  ${String(count).padStart(9)}  ${outcome}`);
  }
  console.log(`${requests} requests in ${Math.round(seconds)} s, ${Math.round(requests / seconds)} a second`);
  console.log(`heap growth ${(heapGrowth / 2 ** 20).toFixed(1)} MiB`);
}

function save(name: string, { input }: Finding): string {
  const folder = new URL('../../test-results/fuzz/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${name}.hex`, folder), Buffer.from(input).toString('hex'));
  return `test-results/fuzz/${name}.hex`;
}
