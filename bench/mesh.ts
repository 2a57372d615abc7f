import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callControl } from '../src-main/app/control-client.ts';
import type { ClientState, NodeState } from '../src-preload/contract/index.ts';
import { type DemoLine, startDemo } from '../tests/support/demo.ts';
import { startReceivers } from './baseline-tls.ts';
import { middle } from './numbers.ts';

/**
 * Repair as measured: the holder of jobs gives them to the only other node, sealed anew and durable there when it ends, as a machine
 * does that is told to leave. The baseline is the same bytes over mutually authenticated TLS 1.3 with fdatasync after each document, over
 * a connection that is open, in the same run. A first round of either counts for nothing: it makes connections and compiles.
 */
export interface MeshRow {
  /** MiB of a document. */
  readonly size: number;
  /** Documents of a round, two at a time as nodes copy them (the baseline: one after the other), and seconds of one. */
  readonly count: number;
  readonly seconds: number;
  /** Above 1: faster than the baseline. */
  readonly toTls: number;
}

const MiB = 1024 * 1024;
const patience = 600;
/** So much in all, so that small documents are as many as a node holds of them. */
const mebibytesInAll = 8;

export async function measureMesh(sizes: readonly number[], rounds: number): Promise<MeshRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'letterlock-bench-mesh-'));
  const demo = await startDemo(['--without', 'document,printer,station']);
  const receivers = await startReceivers(folder, 1);
  const rows: MeshRow[] = [];
  try {
    await demo.json(['admin', 'policy', 'set', '--replicas', '1']);
    const two = demo.line.nodes.slice(0, 2);
    for (const { id, pid } of demo.line.nodes.slice(2)) {
      process.kill(pid, 'SIGTERM');
      await demo.untilState<ClientState>('client', ({ connection }) => !alive(connection, id));
    }
    for (const size of sizes) {
      const file = join(folder, 'document.pdf');
      await writeFile(file, Buffer.alloc(size * MiB, '%PDF-1.4 of one line, again and again '));
      const measured: { seconds: number; toTls: number; count: number }[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        // In turns: what else the machine does meanwhile comes to both.
        const { seconds, count } = await handOver(two, file, Math.max(1, Math.floor(mebibytesInAll / size)));
        let tls = 0;
        for (let sent = 0; sent < count; sent += 1) tls += await receivers.send(file);
        if (round > 0) measured.push({ seconds: seconds / count, toTls: tls / seconds, count });
      }
      const middleOf = (key: 'seconds' | 'toTls' | 'count') => middle(measured.map((each) => each[key]));
      rows.push({ size, count: middleOf('count'), seconds: middleOf('seconds'), toTls: middleOf('toTls') });
    }
    return rows;
  } finally {
    await receivers.close();
    await demo.stop();
    await rm(folder, { recursive: true, force: true });
  }

  /** Seconds that new replicas of new jobs take: of those that came to the same node, of `most`. */
  async function handOver(
    two: DemoLine['nodes'],
    file: string,
    most: number
  ): Promise<{ seconds: number; count: number }> {
    const ids: string[] = [];
    for (let job = 0; job < most; job += 1) ids.push((await demo.json<{ id: string }>(['submit', file])).id);
    const mine = ({ jobs }: ClientState) => jobs.filter(({ id }) => ids.includes(id));
    const placed = await demo.untilState<ClientState>('client', (state) => {
      const there = mine(state).filter(({ holders, inOutbox }) => holders.length === 1 && !inOutbox);
      return there.length === ids.length;
    });
    const held = (node: string) => mine(placed).filter(({ holders }) => holders[0]?.id === node).length;
    const [node] = two.toSorted((a, b) => held(b.id) - held(a.id));
    const count = held(node?.id ?? '');
    if (!node || count === 0) throw new Error('nobody holds the jobs');
    const from = performance.now();
    const { made, left } = await callControl(node.dataDir, 'node.leave', { seconds: patience });
    const seconds = (performance.now() - from) / 1000;
    if (made !== count || left !== 0)
      throw new Error(`${made} replicas of ${count} were made and ${left} jobs have none`);
    await callControl(node.dataDir, 'node.stay', {});
    for (const id of ids) await demo.cli(['cancel', id]);
    for (const { dataDir } of two)
      await demo.untilState<NodeState>('node', ({ replicas }) => replicas === 0, join(dataDir, '..'));
    return { seconds, count };
  }
}

const alive = ({ nodes }: ClientState['connection'], id: string): boolean =>
  nodes.some((node) => node.id === id && node.alive);

export function printMesh(rows: readonly MeshRow[]): void {
  console.log('repair between two nodes    seconds each   to TLS');
  for (const { size, count, seconds, toTls } of rows)
    console.log(
      `${`${count} of ${size} MB`.padStart(16)}            ${seconds.toFixed(3).padStart(9)} ${toTls.toFixed(2).padStart(8)}`
    );
}
