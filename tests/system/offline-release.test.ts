import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { samplePdf } from '../../build/sample-document.mjs';
import { callControl } from '../../src-main/app/control-client.ts';
import type { ConnectionView, JobId, Output, PrinterId } from '../../src-preload/contract/index.ts';
import { type Demo, startDemo } from '../support/demo.ts';
import { printedDigests, sha256 } from '../support/documents.ts';
import { needs } from '../support/needs.ts';

/** Real processes, and the coordinator stands still as a machine whose cable is out: a station lets somebody print, once. */
describe.runIf(needs('ippeveprinter'))('a release while the coordinator is away', () => {
  let demo: Demo;
  let printer: PrinterId;
  const document = samplePdf(['Without the internet']);

  beforeEach(async () => {
    demo = await startDemo(['--without', 'document']);
    printer = demo.line.printer.id as PrinterId;
    await demo.json(['admin', 'policy', 'set', '--offline-hours', '8', '--reason', 'the line is cut often']);
  }, 300_000);
  afterEach(async () => {
    if (demo) process.kill(demo.line.coordinator.pid, 'SIGCONT');
    await demo?.stop();
  });

  const station = () => demo.line.station.dataDir;
  /** An absence is noticed by silence, after 25 s. */
  const connected = (role: 'node' | 'station', dataDir: string, coordinator: 'online' | 'offline') =>
    demo.untilState<{ connection: ConnectionView }>(
      role,
      (now) => now.connection.coordinator === coordinator,
      dirname(dataDir)
    );
  const signIn = () => {
    const [user] = demo.line.users;
    return callControl(station(), 'station.sign-in', { user: user?.name ?? '', pin: user?.pin ?? '' });
  };
  const release = (job: JobId) =>
    callControl(station(), 'station.release', { job, printer, acceptSecondCopy: false }).then(
      () => 'printed',
      (error: { code: string }) => error.code
    );

  it('prints once, and the coordinator hears of it when it is back', async () => {
    const { coordinator, nodes } = demo.line;
    // The machines have the policy, and the station its capsule, once a job is escrowed.
    const file = join(demo.folder, 'offer.pdf');
    await writeFile(file, document);
    const { id } = await demo.json<{ id: JobId }>(['submit', file, '--title', 'Offer']);
    await rm(file);
    await demo.untilJob(id, ({ holders }) => holders.length === 2);

    process.kill(coordinator.pid, 'SIGSTOP');
    const away = await connected('station', station(), 'offline');
    expect(away.connection.offlineUntil).toEqual(expect.any(String));
    for (const { dataDir } of nodes) await connected('node', dataDir, 'offline');

    const { session } = await signIn();
    expect(session?.jobs).toMatchObject([{ id, state: 'held', title: 'Offer' }]);
    expect(await release(id)).toBe('printed');
    expect(await printedDigests(demo.line.printer.spoolDir)).toEqual([sha256(document)]);
    await callControl(station(), 'station.sign-out', {});
    await signIn();
    expect(await release(id)).toBe('claim-elsewhere');

    process.kill(coordinator.pid, 'SIGCONT');
    await demo.untilJob(id, ({ state }) => state === 'completed');
    const rows = await demo.json<Output<'admin.audit.list'>>(['admin', 'audit', 'list']);
    expect(rows.find(({ action }) => action === 'grant.offline')).toMatchObject({ detail: { job: id, doubts: [] } });
    await connected('station', station(), 'online');
    await signIn();
    expect(['not-found', 'job-already-released']).toContain(await release(id));
    expect(await printedDigests(demo.line.printer.spoolDir)).toEqual([sha256(document)]);
  }, 180_000);
});
