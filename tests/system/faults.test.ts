import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClientState, NodeState } from '../../src-preload/contract/index.ts';
import { type Demo, firstLine, startDemo } from '../support/demo.ts';
import { filesBelow, printedDigests, sha256 } from '../support/documents.ts';

/** Machines die at the worst moment; no job is lost, none is printed twice. Real processes, `kill -9`. */
let demo: Demo;
let spawned: (() => Promise<void>)[] = [];

beforeEach(async () => {
  spawned = [];
  demo = await startDemo(['--without', 'document']);
});
afterEach(async () => {
  for (const stop of spawned) await stop();
  await demo?.stop();
});

describe('machines that die', () => {
  it('a job whose holder was killed is released from the other one', async () => {
    const document = randomBytes(3_000_001);
    const job = await submit(document);
    const [held] = (await demo.jobs()).filter(({ id }) => id === job);
    const victim = demo.line.nodes.find(({ id }) => id === held?.holders[0]?.id);
    process.kill(victim?.pid ?? 0, 'SIGKILL');
    await demo.untilJob(job, ({ holders }) => holders.some(({ id, alive }) => id === victim?.id && !alive));

    expect(await release(job)).toMatchObject({ code: 0, stderr: '' });
    expect(await printed()).toEqual([sha256(document)]);
  });

  it('a holder killed a moment before the release costs nothing but a retry', async () => {
    const document = randomBytes(500_000);
    const job = await submit(document);
    const holders = (await demo.jobs()).find(({ id }) => id === job)?.holders ?? [];
    process.kill(demo.line.nodes.find(({ id }) => id === holders[0]?.id)?.pid ?? 0, 'SIGKILL');
    expect(await release(job)).toMatchObject({ code: 0, stderr: '' });
    expect(await printed()).toEqual([sha256(document)]);
  });

  it('with no node in reach the job waits sealed, survives kill -9 of the client, and leaves when a node returns', async () => {
    for (const node of demo.line.nodes) process.kill(node.pid, 'SIGKILL');
    await demo.untilState<ClientState>('client', ({ connection }) => connection.nodes.every(({ alive }) => !alive));
    const document = Buffer.concat([randomBytes(400_000), Buffer.from('CANARY-in-the-outbox'), randomBytes(400_000)]);
    const job = await submit(document);
    expect((await demo.jobs())[0]).toMatchObject({
      id: job,
      state: 'held',
      inOutbox: true,
      safeToClose: false,
      holders: []
    });

    process.kill(demo.line.client.pid, 'SIGKILL');
    await startRole(demo.folder, ['client', 'run']);
    expect((await demo.jobs())[0]).toMatchObject({ id: job, state: 'held', inOutbox: true });

    await startRole(join(demo.folder, 'node-1'), ['node', 'run']);
    await startRole(join(demo.folder, 'node-2'), ['node', 'run']);
    const moved = await demo.untilJob(job, (one) => !one.inOutbox && one.holders.length === 2);
    expect(moved.state).toBe('held');
    const left = (await filesBelow(demo.line.client.dataDir)).filter((file) => file.includes('outbox/'));
    expect(left).toEqual([]);
    expect(await release(job)).toMatchObject({ code: 0, stderr: '' });
    expect(await printed()).toEqual([sha256(document)]);
  });

  it('the coordinator is killed: printing goes on, release says why it waits, and works after its return', async () => {
    process.kill(demo.line.coordinator.pid, 'SIGKILL');
    await demo.untilState<ClientState>('client', ({ connection }) => connection.coordinator === 'offline');
    const document = randomBytes(300_000);
    const job = await submit(document);
    const refused = await release(job);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('coordinator-unreachable');

    await startRole(demo.folder, ['coordinator', 'run']);
    await demo.untilState<ClientState>('client', ({ connection }) => connection.coordinator === 'online');
    await demo.untilJob(job, ({ safeToClose }) => safeToClose);
    expect(await release(job)).toMatchObject({ code: 0, stderr: '' });
    expect(await printed()).toEqual([sha256(document)]);
    expect((await demo.json<{ intact: boolean }>(['admin', 'audit', 'verify'])).intact).toBe(true);
  });

  it('a node that was off while its job was printed erases it as soon as it is back', async () => {
    const job = await submit(randomBytes(100_000));
    const holders = (await demo.jobs()).find(({ id }) => id === job)?.holders ?? [];
    const index = demo.line.nodes.findIndex(({ id }) => id === holders[0]?.id);
    const node = demo.line.nodes[index];
    process.kill(node?.pid ?? 0, 'SIGKILL');
    await demo.untilJob(job, (one) => one.holders.some(({ id, alive }) => id === node?.id && !alive));
    expect(await release(job)).toMatchObject({ code: 0, stderr: '' });
    const folder = join(demo.folder, `node-${index + 1}`);
    await startRole(folder, ['node', 'run']);
    await demo.untilState<NodeState>('node', ({ replicas }) => replicas === 0, folder);
    expect((await filesBelow(node?.dataDir ?? '')).filter((file) => file.includes(`replicas/${job}`))).toEqual([]);
  });
});

describe('SIGTERM to the demo', () => {
  it('ends every process that it started', async () => {
    const { line } = demo;
    const pids = [
      line.coordinator.pid,
      line.client.pid,
      line.station.pid,
      line.printer.pid,
      ...line.nodes.map(({ pid }) => pid)
    ];
    expect(pids.every(alive)).toBe(true);
    demo.process.kill('SIGTERM');
    await once(demo.process, 'exit');
    expect(pids.filter(alive)).toEqual([]);
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Starts a role as the demo did, on the same data. */
async function startRole(data: string, args: readonly string[]): Promise<void> {
  const [command = '', entry = ''] = demo.line.cli;
  const child = spawn(command, [entry, '--data', data, ...args, '--log', 'warn'], {
    stdio: ['ignore', 'pipe', 'inherit']
  });
  spawned.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  await firstLine(child, () => args.join(' '));
}

async function submit(document: Uint8Array): Promise<string> {
  const file = join(demo.folder, 'outside.bin');
  await writeFile(file, document);
  return (await demo.json<{ id: string }>(['submit', file, '--format', 'application/pdf'])).id;
}

function release(job: string) {
  const [user] = demo.line.users;
  return demo.cli(['release', job, '--printer', demo.line.printer.id, '--user', user?.name ?? '', '--pin', '-'], {
    input: `${user?.pin}\n`
  });
}

const printed = () => printedDigests(demo.line.printer.spoolDir);
