import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { PrinterId } from '../../src-preload/contract/index.ts';
import { GrantBundle, Session } from '../protocol/device-api.ts';
import { openSqlite } from '../storage/sqlite.ts';
import { keyFingerprint } from './key-folder.ts';
import { actor, createRig, printerCertificate, type Rig, sealJob, type TestDevice, until } from './testing/rig.ts';

let rig: Rig;
let client: TestDevice;
let node: TestDevice;
let printer: PrinterId;
beforeAll(async () => {
  rig = await createRig();
  const { handlers } = rig.coordinator;
  await handlers['admin.user.add']({ name: 'Ada', pin: '4711' }, actor);
  const address = { name: 'Hall', uri: 'ipps://printer.example/ipp/print', location: '' };
  printer = (await handlers['admin.printer.add'](address, actor)).id;
  const approval = { id: printer, certificateSha256: printerCertificate, grade: 'ipps-required' } as const;
  await handlers['admin.printer.approve'](approval, actor);
  client = await rig.pair('laptop', ['client'], 'ada');
  node = await rig.pair('node', ['node']);
  await until(client.organization, () => client.organization.device(node.id) !== undefined);
}, 180_000);
afterAll(() => rig.close());

const file = (name = '') => join(rig.dataDir, 'keys', name);
const rotate = () => rig.coordinator.handlers['admin.key.rotate-master']({}, actor);
const nextOf = (content: Uint8Array) => file(`master.key.${keyFingerprint(content).slice(0, 16)}.next`);
const leftOver = async () => (await readdir(file())).filter((name) => name.endsWith('.next'));

async function register() {
  const job = await sealJob({ client, nodes: [node], now: rig.clock.now() });
  await client.organization.call('/v1/jobs', job.request, z.object({}));
  return job.id;
}
async function grant(job: string) {
  const { session } = await client.organization.call('/v1/sessions', { user: 'Ada', pin: '4711' }, Session);
  return client.organization.call('/v1/grants', { session, job, printer, node: node.id }, GrantBundle);
}
async function restart(between: () => Promise<void>) {
  await rig.restart(between);
  await until(client.organization, () => [client, node].every(({ id }) => client.organization.online().has(id)));
}

test('jobs of before are released after, and the old master key opens nothing', async () => {
  await rig.coordinator.handlers['admin.key.rotate']({}, actor);
  await until(client.organization, () => client.organization.directory()?.releaseKey.epoch === 2);
  const job = await register();
  const before = await readFile(file('master.key'));
  expect(await rotate()).toEqual({ releaseKeys: 2 });
  expect(await readFile(file('master.key'))).not.toEqual(before);
  expect(await leftOver()).toEqual([]);
  expect(await grant(job)).toHaveProperty('parts');
  const rows = await rig.coordinator.handlers['admin.audit.list']({ after: 0, limit: 1000 }, actor);
  expect(rows.find(({ action }) => action === 'key.master-rotated')).toMatchObject({ actor });

  const current = await readFile(file('master.key'));
  await expect(restart(() => writeFile(file('master.key'), before))).rejects.toMatchObject({
    code: 'keys-outdated',
    detail: 'keys/master.key'
  });
  await restart(() => writeFile(file('master.key'), current));
}, 120_000);

test('stopped after the database has it and before the file: the next start finishes it', async () => {
  const job = await register();
  const old = await readFile(file('master.key'));
  await rotate();
  const current = await readFile(file('master.key'));
  await restart(async () => {
    await rename(file('master.key'), nextOf(current));
    await writeFile(file('master.key'), old);
  });
  expect(await readFile(file('master.key'))).toEqual(current);
  expect(await leftOver()).toEqual([]);
  expect(await grant(job)).toHaveProperty('parts');
}, 120_000);

test('stopped before the database has it: the old one goes on to count', async () => {
  const job = await register();
  const current = await readFile(file('master.key'));
  const never = Buffer.alloc(32, 7);
  await restart(() => writeFile(nextOf(never), never));
  expect(await readFile(file('master.key'))).toEqual(current);
  expect(await leftOver()).toEqual([]);
  expect(await grant(job)).toHaveProperty('parts');
}, 120_000);

test('several at once leave one that counts', async () => {
  const job = await register();
  const current = await readFile(file('master.key'));
  await Promise.all(Array.from({ length: 5 }, rotate));
  expect(await leftOver()).toEqual([]);
  expect(await readFile(file('master.key'))).not.toEqual(current);
  expect(await grant(job)).toHaveProperty('parts');
}, 120_000);

test('who destroys the master key has destroyed every job: nothing starts, and no other key opens a release key', async () => {
  const job = await register();
  const current = await readFile(file('master.key'));
  await expect(restart(() => rm(file('master.key')))).rejects.toMatchObject({ code: 'storage-damaged' });
  // The drill: one that somebody makes in its place, with a database that takes it for the right one, opens nothing.
  const other = Buffer.alloc(32, 9);
  const database = () => openSqlite(join(rig.dataDir, 'coordinator.db'));
  const count = (content: Uint8Array) => {
    const sqlite = database();
    sqlite.prepare('update key_file set fingerprint = ? where name = ?').run([keyFingerprint(content), 'master.key']);
    sqlite.close();
  };
  await restart(async () => {
    await writeFile(file('master.key'), other);
    count(other);
  });
  await expect(grant(job)).rejects.toMatchObject({ code: 'storage-damaged' });
  await restart(async () => {
    await writeFile(file('master.key'), current);
    count(current);
  });
  expect(await grant(job)).toHaveProperty('parts');
}, 120_000);
