import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Printer, startPrinter } from '../../build/ippeveprinter.mjs';
import { toBase64url } from '../../src-main/base/bytes.ts';
import { systemClock } from '../../src-main/base/clock.ts';
import { MiB } from '../../src-main/base/limits.ts';
import { silentLogger } from '../../src-main/base/logger.ts';
import { createDelivery } from '../../src-main/delivery/delivery.ts';
import type { DeviceIdentity } from '../../src-main/identity/device-identity.ts';
import {
  collections,
  enums,
  firstInteger,
  firstString,
  integer,
  keyword,
  octetStrings,
  range,
  resolutions
} from '../../src-main/ipp/attributes.ts';
import { openPrinter } from '../../src-main/ipp/client.ts';
import { encodeAttributes } from '../../src-main/ipp/codec.ts';
import type { IppAttribute } from '../../src-main/ipp/message.ts';
import { startNode } from '../../src-main/mesh/node.ts';
import { createNodeClient } from '../../src-main/mesh/node-client.ts';
import type { NodeTransport } from '../../src-main/mesh/ports.ts';
import { createTestOrganization, type TestOrganization } from '../../src-main/mesh/testing/organization.ts';
import type { JobMetadata } from '../../src-main/sealing/metadata.ts';
import { PrinterId } from '../../src-preload/contract/ids.ts';
import { startCupsd } from '../support/cups.ts';
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
    list(printerId, printer.uri, printer.certificateSha256);
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

  async function store(document: Uint8Array, metadata: Partial<JobMetadata> = {}) {
    const sealed = await organization.seal(client, document, { metadata, deliveryGrade: 'plain-allowed' });
    const upload = transport.upload(node.id, sealed.origin, signal);
    for (let at = 0; at < sealed.blob.length; at += MiB) await upload.write(sealed.blob.subarray(at, at + MiB));
    await upload.end();
    await transport.commit(node.id, sealed.job, await sealed.commitFor(node));
    return sealed;
  }
  async function release(sealed: Awaited<ReturnType<typeof store>>, to = printerId) {
    const bundle = await sealed.grantFor({ node, printer: to, requestedBy: client.id });
    const events = [];
    for await (const event of transport.release(node.id, bundle, signal)) events.push(event);
    return events;
  }
  function list(id: PrinterId, uri: string, certificateSha256: string | null) {
    const grade = certificateSha256 ? 'ipps-required' : 'plain-allowed';
    organization.printers.push({
      id,
      name: 'printer',
      location: '',
      uri,
      grade,
      certificateSha256,
      capabilities: null
    });
  }
  /** What the printer has written under a name, by job-id. */
  async function spooled(name: string) {
    const files = (await readdir(printer.spoolDir)).filter((file) => file.endsWith(`-${name}.pdf`));
    files.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    return Promise.all(files.map((file) => readFile(join(printer.spoolDir, file))));
  }
  const asks = () => openPrinter({ uri: printer.uri, pin: printer.certificateSha256, signal });

  it('deliver what was printed, and every attribute as it was sent', async () => {
    const document = randomBytes(20 * MiB + 1);
    const wanted = [
      keyword('media', 'iso_a4_210x297mm'),
      collections('media-col', [
        collections('media-size', [integer('x-dimension', 21_000), integer('y-dimension', 29_700)]),
        keyword('media-type', 'labels')
      ]),
      keyword('sides', 'two-sided-long-edge'),
      integer('copies', 2),
      integer('number-up', 4),
      keyword('print-color-mode', 'monochrome'),
      enums('print-quality', 'draft'),
      enums('finishings', 'none'),
      collections('finishings-col', [keyword('finishing-template', 'none')]),
      keyword('output-bin', 'face-up'),
      range('page-ranges', 2, 5),
      enums('orientation-requested', 'landscape'),
      resolutions('printer-resolution', 600),
      octetStrings('octets.vendor.example', '\0\x01'),
      { name: 'odd.vendor.example', values: [{ tag: 0x38, value: Buffer.from('odd') }] } as IppAttribute
    ];
    const attributes = toBase64url(encodeAttributes([...wanted, keyword('job-hold-until', 'indefinite')]));
    const sealed = await store(document, { title: 'Letter', attributes });
    expect((await release(sealed)).at(-1)).toEqual({ type: 'completed' });
    const [printed] = await spooled('letter');
    expect(printed?.equals(document)).toBe(true);

    const jobs = await asks().getJobs('completed', 'all');
    const job = jobs.find((each) => firstString(each, 'job-name') === 'Letter') ?? [];
    const arrived = wanted.flatMap(({ name }) => job.filter((each) => each.name === name));
    expect(encodeAttributes(arrived)).toEqual(encodeAttributes(wanted));
    expect(job.map(({ name }) => name)).not.toContain('job-hold-until');
  });

  it('deliver several documents one after another to a printer that takes one', async () => {
    const documents = [randomBytes(5 * MiB), randomBytes(7), randomBytes(2 * MiB)];
    const facts = {};
    const sealed = await store(Buffer.concat(documents), {
      title: 'Folder',
      documents: documents.map(({ length: size }) => ({ format: 'application/pdf', size, facts }))
    });
    expect((await release(sealed)).at(-1)).toEqual({ type: 'completed' });
    const printed = await spooled('folder');
    expect(printed.map((each, index) => each.equals(documents[index] ?? Buffer.of()))).toEqual([true, true, true]);
  });

  it.runIf(needs('root', 'cupsd', 'lpadmin'))('deliver several documents as one job to a queue of CUPS', async () => {
    const port = await freePort();
    const cups = await startCupsd({ port });
    closing.push(cups.close);
    await cups.client('lpadmin', '-p', 'raw', '-E', '-v', 'file:///dev/null');
    const uri = `ipp://127.0.0.1:${port}/printers/raw`;
    const queue = PrinterId.parse(randomUUID());
    list(queue, uri, null);
    const documents = [MiB, 5, 2 * MiB].map((size) => ({ format: 'application/pdf', size, facts: {} }));
    const sealed = await store(randomBytes(3 * MiB + 5), { title: 'Folder', documents });
    expect((await release(sealed, queue)).at(-1)).toEqual({ type: 'completed' });
    const asked = ['job-name', 'number-of-documents', 'job-k-octets', 'job-originating-user-name'];
    const userName = `letterlock-${sealed.job}.1`; // CUPS tells names to their owner only
    const jobs = await openPrinter({ uri, plainAllowed: true, signal, userName }).getJobs('completed', ...asked);
    expect(jobs).toHaveLength(1);
    const [job = []] = jobs;
    expect([firstString(job, 'job-name'), firstInteger(job, 'number-of-documents')]).toEqual(['Folder', 3]);
    expect(firstInteger(job, 'job-k-octets')).toBeGreaterThanOrEqual(3 * 1024);
    expect(firstString(job, 'job-originating-user-name')).toBe(userName);
  });

  it('refuse a format that the printer does not take, before it has a job', async () => {
    const before = (await asks().getJobs('completed', 'job-id')).length;
    const documents = [{ format: 'application/postscript', size: 4, facts: {} }];
    const sealed = await store(Buffer.from('%!PS'), { documents });
    expect((await release(sealed)).at(-1)).toMatchObject({ code: 'format-not-supported', uncertain: false });
    expect((await asks().getJobs('completed', 'job-id')).length).toBe(before);
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
    expect((await release(sealed)).at(-1)).toMatchObject({ type: 'failed', code: 'seal-broken', uncertain: false });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
