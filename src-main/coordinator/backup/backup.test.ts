import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { JobId, PrinterId } from '../../../src-preload/contract/index.ts';
import { silentLogger } from '../../base/logger.ts';
import { openStatement } from '../../identity/signed-statement.ts';
import { Grant, GrantBundle, Session } from '../../protocol/device-api.ts';
import { fillCoordinatorStore, openCoordinatorStore } from '../../storage/coordinator-store.ts';
import { actor, createRig, printerCertificate, type Rig, sealJob, type TestDevice, until } from '../testing/rig.ts';
import { restoreBackup } from './restore-backup.ts';

const pin = '4711';
const passphrase = 'correct horse battery staple';
const none = z.object({});

let folder: string;
let rig: Rig;
let client: TestDevice;
let node: TestDevice;
let printer: PrinterId;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'letterlock-backup-'));
  rig = await createRig();
  const { handlers } = rig.coordinator;
  await handlers['admin.user.add']({ name: 'Ada', pin }, actor);
  const added = { name: 'Hall', uri: 'ipps://printer.example/ipp/print', location: '' };
  printer = (await handlers['admin.printer.add'](added, actor)).id;
  const approval = { id: printer, certificateSha256: printerCertificate, grade: 'ipps-required' } as const;
  await handlers['admin.printer.approve'](approval, actor);
  await handlers['admin.key.rotate']({}, actor);
  await handlers['admin.key.destroy']({ epoch: 1 }, actor);
  client = await rig.pair('laptop', ['client'], 'ada');
  node = await rig.pair('node', ['node']);
  await until(client.organization, () => client.organization.device(node.id) !== undefined);
}, 120_000);
afterAll(async () => {
  await rig?.close();
  await rm(folder, { recursive: true });
});

async function register(): Promise<JobId> {
  const job = await sealJob({ client, nodes: [node], now: rig.clock.now() });
  await client.organization.call('/v1/jobs', job.request, none);
  return job.id;
}
async function claim(job: JobId, change: object = {}): Promise<Grant> {
  const { session } = await client.organization.call('/v1/sessions', { user: 'Ada', pin }, Session);
  const body = { session, job, printer, node: node.id, ...change };
  const { grant } = await client.organization.call('/v1/grants', body, GrantBundle);
  const publicKey = Buffer.from(client.identity.enrollment.coordinator.signing, 'base64url');
  const code = 'grant-invalid';
  return openStatement({ kind: 'grant', signed: grant, publicKey, schema: Grant, maxBytes: 4096, code });
}
const start = ({ id }: Grant) => node.organization.call(`/v1/grants/${id}/start`, {}, none);
const completed = ({ id }: Grant) => node.organization.call(`/v1/grants/${id}/outcome`, { result: 'completed' }, none);
const stateOf = async (job: JobId) =>
  (await rig.coordinator.handlers['admin.job.list']({}, actor)).find(({ id }) => id === job)?.state;

const backUp = (name: string) =>
  rig.coordinator.handlers['admin.backup.create']({ path: join(folder, name), passphrase }, actor);
const restore = (file: string, dataDir: string, change: { passphrase?: string; bytes?: Uint8Array } = {}) =>
  restoreBackup({
    dataDir,
    sealed: pieces(async () => change.bytes ?? (await readFile(join(folder, file)))),
    passphrase: change.passphrase ?? passphrase,
    fillStore: (path, copy) => fillCoordinatorStore(path, copy),
    openStore: openCoordinatorStore,
    clock: rig.clock,
    logger: silentLogger
  });
async function* pieces(read: () => Promise<Uint8Array>) {
  const bytes = await read();
  for (let from = 0; from < bytes.length; from += 1000) yield bytes.subarray(from, from + 1000);
}

test('restore drill: machines come back, nothing is printed twice, what was destroyed stays destroyed', async () => {
  const [held, printing] = [await register(), await register()];
  const begun = await claim(printing);
  await start(begun);
  await backUp('drill');
  const before = client.organization.directory()?.version ?? 0;

  // What the backup does not know of.
  const later = await claim(held);
  await rig.coordinator.handlers['admin.user.add']({ name: 'Bob', pin }, actor);
  await rig.restart(async () => {
    await rm(rig.dataDir, { recursive: true });
    expect(await restore('drill', rig.dataDir)).toMatchObject({ name: 'Test organization', doubtful: 2 });
  });
  const { handlers } = rig.coordinator;
  for (const { organization } of [client, node])
    await until(
      organization,
      () => organization.connected() && (organization.directory()?.version ?? 0) > before + 1000
    );
  await until(client.organization, () => client.organization.online().has(node.id));

  await expect(start(later)).rejects.toMatchObject({ code: 'grant-invalid' });
  expect(await stateOf(held)).toBe('uncertain');
  await expect(claim(held)).rejects.toMatchObject({ code: 'job-uncertain' });
  const again = await claim(held, { acceptSecondCopy: true });
  expect(again.fence).toBeGreaterThan(later.fence + 100);
  await start(again);
  await completed(again);
  expect(await stateOf(held)).toBe('completed');
  // A node that had begun before says how it ended.
  await completed(begun);
  expect(await stateOf(printing)).toBe('completed');

  expect((await handlers['admin.user.list']({}, actor)).map(({ name }) => name)).toEqual(['Ada']);
  expect(await handlers['admin.key.list']({}, actor)).toMatchObject([
    { epoch: 1, destroyed: true },
    { epoch: 2, current: true }
  ]);
  expect(await handlers['admin.audit.verify']({}, actor)).toMatchObject({ intact: true, firstBroken: null });
  const find = { after: 0, limit: 200, action: 'coordinator.restored' };
  expect(await handlers['admin.audit.list'](find, actor)).toMatchObject([{ detail: { doubtful: 2 } }]);
});

describe('a backup', () => {
  beforeAll(() => backUp('kept'));

  test('is for its owner only, shows nothing, and is never written over another file', async () => {
    expect((await stat(join(folder, 'kept'))).mode & 0o777).toBe(0o600);
    const bytes = await readFile(join(folder, 'kept'));
    for (const secret of ['Test organization', 'master.key', 'Ada', 'organization'])
      expect(bytes.includes(secret), secret).toBe(false);
    await expect(backUp('kept')).rejects.toMatchObject({ code: 'conflict' });
    expect(await readFile(join(folder, 'kept'))).toEqual(bytes);
    await expect(backUp('nowhere/kept')).rejects.toMatchObject({ code: 'not-found' });
  });

  test('that is damaged, cut off, put together anew or opened with another passphrase makes nothing', async () => {
    const bytes = new Uint8Array(await readFile(join(folder, 'kept')));
    const flipped = (at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
    const segment = 64 * 1024 + 16;
    const hostile: Record<string, Parameters<typeof restore>[2]> = {
      passphrase: { passphrase: 'correct horse battery stable' },
      empty: { bytes: new Uint8Array() },
      'another version': { bytes: flipped(7) },
      salt: { bytes: flipped(9) },
      commitment: { bytes: flipped(30) },
      'first byte': { bytes: flipped(56) },
      'last byte': { bytes: flipped(bytes.length - 1) },
      'cut off': { bytes: bytes.subarray(0, -1) },
      'header only': { bytes: bytes.subarray(0, 56) },
      'more after it': { bytes: Buffer.concat([bytes, bytes.subarray(0, 1)]) },
      'a segment twice': { bytes: Buffer.concat([bytes.subarray(0, 56 + segment), bytes.subarray(56)]) }
    };
    for (const [name, change] of Object.entries(hostile)) {
      const restoring = restore('kept', join(folder, 'restored'), change);
      await expect(restoring, name).rejects.toMatchObject({ code: 'backup-unreadable' });
      expect(await readdir(folder), name).not.toContainEqual(expect.stringContaining('restored'));
    }
  });

  test('is not restored over anything', async () => {
    const there = await mkdtemp(join(folder, 'there-'));
    await writeFile(join(there, 'something'), 'x');
    await expect(restore('kept', there)).rejects.toMatchObject({ code: 'conflict' });
    expect(await readdir(there)).toEqual(['something']);
  });
});
