import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientState } from '../../src-preload/contract/index.ts';
import { type Demo, run, startDemo } from '../support/demo.ts';
import { filesBelow, printedDigests, sha256 } from '../support/documents.ts';
import { needs } from '../support/needs.ts';

/** Full disks, really full: small file systems in memory, mounted where a part keeps its data. Needs root, like CI has. */
let demo: Demo;
const mounts: string[] = [];

beforeAll(async () => {
  demo = await startDemo(['--without', 'document']);
});
afterAll(async () => {
  for (const folder of mounts) await run('umount', [folder]);
  await demo?.stop();
});

describe.runIf(needs('root'))('a full disk', () => {
  it('at one node: it says so, the others hold the job, and it is printed', async () => {
    await demo.json(['admin', 'policy', 'set', '--replicas', '3']);
    const [small] = demo.line.nodes;
    await mount(join(small?.dataDir ?? '', 'staging'), 1);
    const document = randomBytes(8_000_000);
    const job = await submit(document);
    const held = (await demo.jobs()).find(({ id }) => id === job);
    expect(held?.state).toBe('held');
    expect(held?.holders.map(({ id }) => id)).not.toContain(small?.id);
    expect(held?.holders).toHaveLength(2);
    process.kill(small?.pid ?? 0, 0);

    const args = ['release', job, '--printer', demo.line.printer.id, '--pin', '-'];
    expect(await demo.cli(args, { input: `${demo.line.users[0]?.pin}\n` })).toMatchObject({ code: 0, stderr: '' });
    expect(await printedDigests(demo.line.printer.spoolDir)).toEqual([sha256(document)]);
  });

  it('at the outbox: the print system is told at once and keeps its copy; nothing half is left, and it works again with room', async () => {
    for (const { pid } of demo.line.nodes) process.kill(pid, 'SIGKILL');
    await demo.untilState<ClientState>('client', ({ connection }) => connection.nodes.every(({ alive }) => !alive));
    const outbox = join(demo.line.client.dataDir, 'outbox');
    await mount(outbox, 70);
    const refused = await trySubmit(randomBytes(48_000_000));
    expect(refused.code).not.toBe(0);
    // Our own printer's answer carries the reason and the next step.
    expect(refused.stderr).toContain('storage-full');
    const [failed] = await demo.jobs();
    expect(failed).toMatchObject({ state: 'aborted', failure: { code: 'storage-full' } });
    expect(await filesBelow(outbox)).toEqual([]);

    await run('umount', [mounts.pop() ?? '']);
    const job = await submit(randomBytes(12_000_000));
    expect((await demo.jobs()).find(({ id }) => id === job)).toMatchObject({ state: 'held', inOutbox: true });
  });
});

async function mount(folder: string, megabytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const done = await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', folder]);
  if (done.code !== 0) throw new Error(`this test needs root: ${done.stderr}`);
  mounts.push(folder);
}

async function trySubmit(document: Uint8Array) {
  const file = join(demo.folder, 'outside.bin');
  await writeFile(file, document);
  const result = await demo.cli(['submit', file, '--format', 'application/pdf', '--json']);
  await rm(file);
  return result;
}

async function submit(document: Uint8Array): Promise<string> {
  const { code, stdout, stderr } = await trySubmit(document);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (JSON.parse(stdout) as { id: string }).id;
}
