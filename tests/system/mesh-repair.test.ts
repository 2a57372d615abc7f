import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ClientState, NodeState } from '../../src-preload/contract/index.ts';
import { type Demo, firstLine, startDemo } from '../support/demo.ts';
import { printedDigests, sha256 } from '../support/documents.ts';

/** The mesh heals itself: real processes, `kill -9`, nobody else awake. */
let demo: Demo;
const spawned: (() => Promise<void>)[] = [];

beforeEach(async () => {
  demo = await startDemo(['--without', 'document']);
});
afterEach(async () => {
  for (const stop of spawned.splice(0)) await stop();
  await demo?.stop();
});

it('a killed holder is replaced by the survivor while client and coordinator are off, and the new one releases the job', async () => {
  const document = randomBytes(3_000_001);
  const file = join(demo.folder, 'outside.bin');
  await writeFile(file, document);
  const job = (await demo.json<{ id: string }>(['submit', file, '--format', 'application/pdf'])).id;
  const { holders } = await demo.untilJob(job, (one) => one.holders.length === 2);
  const { nodes } = demo.line;
  const [lost, survivor] = holders.map(({ id }) => nodes.find((node) => node.id === id));
  const third = nodes.findIndex(({ id }) => !holders.some((holder) => holder.id === id));

  for (const pid of [demo.line.client.pid, demo.line.coordinator.pid, lost?.pid ?? 0]) process.kill(pid, 'SIGKILL');
  await demo.untilState<NodeState>('node', ({ replicas }) => replicas === 1, join(demo.folder, `node-${third + 1}`));
  process.kill(survivor?.pid ?? 0, 'SIGKILL');

  await startRole(['coordinator', 'run']);
  await startRole(['client', 'run']);
  await demo.untilState<ClientState>('client', ({ connection }) => connection.coordinator === 'online');
  await demo.untilJob(job, (one) => one.holders.some(({ id, alive }) => id === nodes[third]?.id && alive));
  const [user] = demo.line.users;
  const released = await demo.cli(
    ['release', job, '--printer', demo.line.printer.id, '--user', user?.name ?? '', '--pin', '-'],
    { input: `${user?.pin}\n` }
  );
  expect(released).toMatchObject({ code: 0, stderr: '' });
  expect(await printedDigests(demo.line.printer.spoolDir)).toEqual([sha256(document)]);
}, 240_000);

/** Starts a role as the demo did, on the same data. */
async function startRole(args: readonly string[]): Promise<void> {
  const [command = '', entry = ''] = demo.line.cli;
  const child = spawn(command, [entry, '--data', demo.folder, ...args, '--log', 'warn'], {
    stdio: ['ignore', 'pipe', 'inherit']
  });
  spawned.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  await firstLine(child, () => args.join(' '));
}
