import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callControl } from '../src-main/app/control-client.ts';
import type { NodeState } from '../src-preload/contract/index.ts';
import { startDemo } from '../tests/support/demo.ts';
import { startReceivers } from './baseline-tls.ts';
import { middle } from './numbers.ts';

/**
 * Repair as measured: the only holder of a job gives it to another node, sealed anew and durable there when it ends, as a machine does
 * that is told to leave. The baseline is the same bytes over mutually authenticated TLS 1.3 with fdatasync, in the same run.
 */
export interface MeshRow {
  /** MiB of the document. */
  readonly size: number;
  readonly seconds: number;
  /** Above 1: faster than the baseline. */
  readonly toTls: number;
}

const MiB = 1024 * 1024;
const patience = 600;

export async function measureMesh(sizes: readonly number[], rounds: number): Promise<MeshRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-bench-mesh-'));
  const demo = await startDemo(['--without', 'document,printer,station']);
  const receivers = await startReceivers(folder, 1);
  const rows: MeshRow[] = [];
  try {
    await demo.json(['admin', 'policy', 'set', '--replicas', '1']);
    for (const size of sizes) {
      const file = join(folder, 'document.pdf');
      await writeFile(file, Buffer.alloc(size * MiB, '%PDF-1.4 of one line, again and again '));
      const repair: number[] = [];
      const tls: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        // In turns: what else the machine does meanwhile comes to both.
        tls.push(await receivers.send(file));
        repair.push(await handOver(file));
      }
      const seconds = middle(repair);
      rows.push({ size, seconds, toTls: middle(tls) / seconds });
    }
    return rows;
  } finally {
    await receivers.close();
    await demo.stop();
    await rm(folder, { recursive: true, force: true });
  }

  /** Seconds that a new replica of a new job takes. */
  async function handOver(file: string): Promise<number> {
    const { id } = await demo.json<{ id: string }>(['submit', file]);
    const { holders } = await demo.untilJob(id, (job) => job.holders.length === 1 && !job.inOutbox);
    const holder = demo.line.nodes.find((node) => node.id === holders[0]?.id);
    if (!holder) throw new Error('nobody holds the job');
    const from = performance.now();
    const { made, left } = await callControl(holder.dataDir, 'node.leave', { seconds: patience });
    const seconds = (performance.now() - from) / 1000;
    if (made !== 1 || left !== 0) throw new Error(`${made} replicas were made and ${left} jobs have none`);
    await callControl(holder.dataDir, 'node.stay', {});
    await demo.cli(['cancel', id]);
    for (const { dataDir } of demo.line.nodes)
      await demo.untilState<NodeState>('node', ({ replicas }) => replicas === 0, join(dataDir, '..'));
    return seconds;
  }
}

export function printMesh(rows: readonly MeshRow[]): void {
  console.log('repair between two nodes    seconds   to TLS');
  for (const { size, seconds, toTls } of rows)
    console.log(
      `${String(size).padStart(8)} MB              ${seconds.toFixed(3).padStart(9)} ${toTls.toFixed(2).padStart(8)}`
    );
}
