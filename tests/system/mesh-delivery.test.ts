import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Printer, startPrinter } from '../../build/ippeveprinter.mjs';
import { systemClock } from '../../src-main/base/clock.ts';
import { MiB } from '../../src-main/base/limits.ts';
import { silentLogger } from '../../src-main/base/logger.ts';
import { createDelivery } from '../../src-main/delivery/delivery.ts';
import type { DeviceIdentity } from '../../src-main/identity/device-identity.ts';
import { startNode } from '../../src-main/mesh/node.ts';
import { createNodeClient } from '../../src-main/mesh/node-client.ts';
import type { NodeTransport } from '../../src-main/mesh/ports.ts';
import { createTestOrganization, type TestOrganization } from '../../src-main/mesh/testing/organization.ts';
import { PrinterId } from '../../src-preload/contract/ids.ts';
import { needs } from '../support/needs.ts';

/** A document from a client over a node's TLS to a real IPPS printer, with everything real but the coordinator. */
describe.runIf(needs('ippeveprinter'))('a node and a real printer', () => {
  const signal = new AbortController().signal;
  const closing: (() => unknown)[] = [];
  let organization: TestOrganization;
  let printer: Printer;
  let client: DeviceIdentity;
  let node: DeviceIdentity;
  let transport: NodeTransport;
  let dataDir: string;
  const printerId = PrinterId.parse(randomUUID());

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'letterlock-mesh-'));
    organization = await createTestOrganization();
    printer = await startPrinter();
    [client, node] = await Promise.all([
      organization.enroll('laptop', ['client']),
      organization.enroll('node', ['node'])
    ]);
    organization.printers.push({
      id: printerId,
      name: 'printer',
      location: '',
      uri: printer.uri,
      grade: 'ipps-required',
      certificateSha256: printer.certificateSha256
    });
    const ports = { organization: organization.view(node), identity: node, clock: systemClock, logger: silentLogger };
    const delivery = await createDelivery({ ...ports, dataDir });
    const mesh = await startNode({ ...ports, dataDir, host: '127.0.0.1', port: 0, deliver: delivery });
    organization.update(node.id, { url: mesh.url });
    transport = createNodeClient({ ...ports, identity: client, organization: organization.view(client) });
    closing.push(printer.close, delivery.close, mesh.close, transport.close);
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
    await organization?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function store(document: Uint8Array) {
    const sealed = await organization.seal(client, document);
    const upload = transport.upload(node.id, sealed.job, signal);
    for (let at = 0; at < sealed.blob.length; at += MiB) await upload.write(sealed.blob.subarray(at, at + MiB));
    await upload.end();
    await transport.commit(node.id, sealed.job, await sealed.commitFor(node));
    return sealed;
  }
  async function release(sealed: Awaited<ReturnType<typeof store>>) {
    const bundle = await sealed.grantFor({ node, printer: printerId, requestedBy: client.id });
    const events = [];
    for await (const event of transport.release(node.id, bundle, signal)) events.push(event);
    return events;
  }
  const spooled = async (job: string) => (await readdir(printer.spoolDir)).filter((name) => name.includes(job));

  it('deliver what was printed', async () => {
    const document = randomBytes(20 * MiB + 1);
    const sealed = await store(document);
    const events = await release(sealed);
    expect(events.at(-1)).toEqual({ type: 'completed' });
    const [file] = await spooled(sealed.job);
    const printed = await readFile(join(printer.spoolDir, file ?? ''));
    expect(createHash('sha256').update(printed).digest('hex')).toBe(
      createHash('sha256').update(document).digest('hex')
    );
  });

  it('wait for one another: two releases at once both print', async () => {
    const jobs = [await store(randomBytes(5 * MiB)), await store(randomBytes(5 * MiB))];
    const ends = await Promise.all(jobs.map(async (sealed) => (await release(sealed)).at(-1)));
    expect(ends).toEqual([{ type: 'completed' }, { type: 'completed' }]);
  });

  it('print nothing of a job whose seal broke, and know it', async () => {
    const sealed = await store(randomBytes(20 * MiB));
    const blob = await open(join(dataDir, 'replicas', sealed.job, 'blob'), 'r+');
    await blob.write(Buffer.of(sealed.blob.readUInt8(18 * MiB) ^ 1), 0, 1, 18 * MiB);
    await blob.close();
    expect((await release(sealed)).at(-1)).toEqual({ type: 'failed', code: 'seal-broken', uncertain: false });
  });
});
