import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import { type MeshNode, startNode } from '../node.ts';
import { createNodeClient } from '../node-client.ts';
import { createTestOrganization, type TestOrganization } from '../testing/organization.ts';

/** Real nodes over real TLS. */
let organization: TestOrganization;
let dataDir: string;
const open: { close(): unknown }[] = [];
beforeAll(async () => {
  organization = await createTestOrganization();
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-leaving-'));
}, 60_000);
afterAll(async () => {
  for (const each of open.reverse()) await each.close();
  await organization.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(identity: DeviceIdentity): Promise<MeshNode> {
  const node = await startNode({
    dataDir: join(dataDir, identity.name),
    host: '127.0.0.1',
    port: 0,
    identity,
    organization: organization.view(identity),
    deliver: { release: () => Promise.reject(new Error('nothing is released here')) },
    domain: identity.name,
    clock: systemClock,
    logger: silentLogger
  });
  open.push(node);
  organization.update(identity.id, { url: node.url });
  return node;
}

it('a node that leaves says so, hands its only copy over, tells the coordinator, and takes nothing more', async () => {
  const [printing, first, second] = await Promise.all([
    organization.enroll('laptop', ['client']),
    organization.enroll('attic', ['node']),
    organization.enroll('cellar', ['node'])
  ]);
  const [leaver, heir] = [await start(first), await start(second)];
  const transport = createNodeClient({
    identity: printing,
    organization: organization.view(printing),
    clock: systemClock,
    logger: silentLogger
  });
  open.push(transport);
  const { signal } = new AbortController();
  const store = async () => {
    const sealed = await organization.seal(printing, randomBytes(100_000));
    const upload = transport.upload(first.id, sealed.origin, signal);
    await upload.write(sealed.blob);
    await upload.end();
    await transport.commit(first.id, sealed.job, await sealed.commitFor(first));
    return sealed.job;
  };
  const job = await store();
  expect(await transport.probe(first.id, signal)).toBe(true);
  expect(transport.condition(first.id)).toMatchObject({ domain: 'attic', leaving: false, awakeShare: 1 });

  expect(await leaver.leaving.leave('stop', 30)).toEqual({ made: 1, left: [] });
  expect(heir.heldJobs().has(job)).toBe(true);
  expect((await organization.called(new RegExp(`/${job}/holders$`))).from).toBe(second.id);
  await transport.probe(first.id, signal);
  expect(transport.condition(first.id)?.leaving).toBe(true);
  await expect(store()).rejects.toMatchObject({ code: 'node-unreachable' });
}, 60_000);
