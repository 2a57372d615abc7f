import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { JobId } from '../../src-preload/contract/ids.ts';
import { systemClock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { MiB } from '../base/limits.ts';
import { silentLogger } from '../base/logger.ts';
import { createTestClock } from '../base/testing/clock.ts';
import { decoded } from '../identity/base64url.ts';
import { deviceAgent } from '../identity/device-agent.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { openStatement } from '../identity/signed-statement.ts';
import { deviceTlsClient } from '../identity/tls.ts';
import { ErasureReceipt, HoldingReceipt } from '../protocol/device-api.ts';
import type { Commit } from '../protocol/node-api.ts';
import { openBlobUpload } from './blob-upload.ts';
import { type MeshNode, type NodeOptions, startNode } from './node.ts';
import { createNodeClient } from './node-client.ts';
import type { BlobUpload, Deliver, NodeTransport } from './ports.ts';
import { createTestOrganization, type SealedTestJob, type TestOrganization } from './testing/organization.ts';

let organization: TestOrganization;
let identities: { client: DeviceIdentity; other: DeviceIdentity; a: DeviceIdentity; b: DeviceIdentity };
let dataDir: string;
const open: { close(): unknown }[] = [];
const never: Deliver = { release: () => Promise.reject(new Error('not here')) };
const signal = new AbortController().signal;

beforeAll(async () => {
  organization = await createTestOrganization();
  const [client, other, a, b] = await Promise.all([
    organization.enroll('laptop', ['client']),
    organization.enroll('another laptop', ['client']),
    organization.enroll('node a', ['node']),
    organization.enroll('node b', ['node'])
  ]);
  identities = { client, other, a, b };
}, 60_000);
afterAll(() => organization.close());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'letterlock-node-'));
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  organization.coordinatorState.connected = true;
  organization.coordinatorState.answer = () => ({});
  organization.calls.length = 0;
  await rm(dataDir, { recursive: true, force: true });
});

async function start(identity: DeviceIdentity, options: Partial<NodeOptions> = {}): Promise<MeshNode> {
  const node = await startNode({
    dataDir: join(dataDir, identity.name),
    host: '127.0.0.1',
    port: 0,
    identity,
    organization: organization.view(identity),
    deliver: never,
    clock: systemClock,
    logger: silentLogger,
    ...options
  });
  open.push(node);
  organization.update(identity.id, { url: node.url });
  return node;
}
function clientOf(identity: DeviceIdentity): NodeTransport {
  const client = createNodeClient({
    identity,
    organization: organization.view(identity),
    clock: systemClock,
    logger: silentLogger
  });
  open.push(client);
  return client;
}
async function send(upload: BlobUpload, blob: Uint8Array, piece = 100_000) {
  for (let at = 0; at < blob.length; at += piece) await upload.write(blob.subarray(at, at + piece));
  return upload.end();
}
async function store(transport: NodeTransport, sealed: SealedTestJob, node: DeviceIdentity): Promise<Commit> {
  const commit = await sealed.commitFor(node);
  await send(transport.upload(node.id, sealed.origin, signal), sealed.blob);
  await transport.commit(node.id, sealed.job, commit);
  return commit;
}
const folderOf = (identity: DeviceIdentity, ...path: string[]) => join(dataDir, identity.name, ...path);
const filesIn = (folder: string) => (existsSync(folder) ? readdir(folder) : Promise.resolve([]));
const refused = (code: string) => expect.objectContaining({ code });

describe('a replica', () => {
  it('is stored as it was sent, receipted and found again after a restart', async () => {
    const node = await start(identities.a);
    const transport = clientOf(identities.client);
    const sealed = await organization.seal(identities.client, randomBytes(3 * MiB + 17));

    const stored = await send(transport.upload(identities.a.id, sealed.origin, signal), sealed.blob);
    expect(stored.blobSize).toBe(sealed.blob.length);
    expect(node.heldJobs().size).toBe(0);
    const receipt = await transport.commit(identities.a.id, sealed.job, await sealed.commitFor(identities.a));

    const said = openStatement({
      kind: 'holding',
      signed: receipt,
      publicKey: identities.a.signing.publicKey,
      schema: HoldingReceipt,
      maxBytes: 1024,
      code: 'seal-broken'
    });
    expect(said).toMatchObject({ job: sealed.job, node: identities.a.id, ...stored });
    expect(sealed.blob.equals(await readFile(folderOf(identities.a, 'replicas', sealed.job, 'blob')))).toBe(true);
    expect(await filesIn(folderOf(identities.a, 'staging'))).toEqual([]);

    await node.close();
    const again = await start(identities.a);
    expect([...again.heldJobs()]).toEqual([sealed.job]);
    expect((await transport.info(identities.a.id, sealed.job)).manifest).toEqual(sealed.manifest);
  });

  it('is committed once, however often that is asked', async () => {
    await start(identities.a);
    const transport = clientOf(identities.client);
    const sealed = await organization.seal(identities.client, randomBytes(1000));
    const commit = await store(transport, sealed, identities.a);
    expect((await transport.commit(identities.a.id, sealed.job, commit)).kind).toBe('holding');

    const impostor = await organization.seal(identities.other, randomBytes(10), { job: sealed.job });
    await expect(
      clientOf(identities.other).commit(identities.a.id, sealed.job, await impostor.commitFor(identities.a))
    ).rejects.toEqual(refused('conflict'));
  });

  it('goes from node to node sealed anew, and the sealed key of one is useless at the other', async () => {
    await start(identities.a);
    const b = await start(identities.b);
    const transport = clientOf(identities.client);
    const sealed = await organization.seal(identities.client, randomBytes(2 * MiB));
    const commit = await store(transport, sealed, identities.a);

    const receipt = await transport.reseal(identities.a.id, sealed.job, identities.b.id);
    expect(receipt.signer).toBe(identities.b.id);
    expect([...b.heldJobs()]).toEqual([sealed.job]);
    expect(sealed.blob.equals(await readFile(folderOf(identities.b, 'replicas', sealed.job, 'blob')))).toBe(true);
    const envelope = JSON.parse(
      await readFile(folderOf(identities.b, 'replicas', sealed.job, 'envelope.json'), 'utf8')
    );
    expect(envelope.sealedKey).not.toEqual(commit.sealedKey);

    await expect(clientOf(identities.other).reseal(identities.a.id, sealed.job, identities.b.id)).rejects.toEqual(
      refused('not-allowed')
    );
  });

  it('with a key sealed to another node is refused', async () => {
    await start(identities.a);
    const transport = clientOf(identities.client);
    const sealed = await organization.seal(identities.client, randomBytes(100));
    await send(transport.upload(identities.a.id, sealed.origin, signal), sealed.blob);
    await expect(transport.commit(identities.a.id, sealed.job, await sealed.commitFor(identities.b))).rejects.toEqual(
      refused('seal-broken')
    );
  });
});

describe('an upload', () => {
  it.each([
    ['cut short', (blob: Buffer) => blob.subarray(0, -1), 'upload-truncated'],
    ['too long', (blob: Buffer) => Buffer.concat([blob, Buffer.of(0)]), 'digest-mismatch'],
    [
      'with a flipped bit',
      (blob: Buffer) => Buffer.from(blob).fill(blob.readUInt8(500) ^ 1, 500, 501),
      'digest-mismatch'
    ]
  ])('%s is not committed and leaves nothing', async (_what, change, code) => {
    const node = await start(identities.a);
    const transport = clientOf(identities.client);
    const sealed = await organization.seal(identities.client, randomBytes(70_000));
    await send(transport.upload(identities.a.id, sealed.origin, signal), change(sealed.blob));
    const commit = await sealed.commitFor(identities.a);
    await expect(transport.commit(identities.a.id, sealed.job, commit)).rejects.toEqual(refused(code));
    await expect(transport.commit(identities.a.id, sealed.job, commit)).rejects.toEqual(refused('not-found'));
    expect(node.heldJobs().size).toBe(0);
    expect(await filesIn(folderOf(identities.a, 'staging'))).toEqual([]);
  });

  it('belongs to the device that began it', async () => {
    await start(identities.a);
    const sealed = await organization.seal(identities.client, randomBytes(100));
    const commit = await sealed.commitFor(identities.a);
    await send(clientOf(identities.client).upload(identities.a.id, sealed.origin, signal), sealed.blob);

    const stranger = clientOf(identities.other);
    await expect(stranger.commit(identities.a.id, sealed.job, commit)).rejects.toEqual(refused('not-allowed'));
    const theirs = await organization.seal(identities.other, randomBytes(100), { job: sealed.job });
    await expect(stranger.commit(identities.a.id, sealed.job, await theirs.commitFor(identities.a))).rejects.toEqual(
      refused('not-found')
    );
    await clientOf(identities.client).commit(identities.a.id, sealed.job, commit);
  });

  it('that is broken off leaves nothing, and may begin again', async () => {
    await start(identities.a);
    const transport = clientOf(identities.client);
    const sealed = await organization.seal(identities.client, randomBytes(5 * MiB));
    const upload = transport.upload(identities.a.id, sealed.origin, signal);
    await upload.write(sealed.blob.subarray(0, 3 * MiB));
    upload.abort();
    await expect(upload.write(sealed.blob)).rejects.toEqual(refused('node-unreachable'));
    await store(transport, sealed, identities.a);
    expect(await filesIn(folderOf(identities.a, 'staging'))).toEqual([]);
  });

  it('without space is refused while it is still being sent', async () => {
    let free = 1024 * MiB;
    await start(identities.a, { freeSpace: async () => free });
    const transport = clientOf(identities.client);
    const sealed = await organization.seal(identities.client, randomBytes(100));
    const upload = transport.upload(identities.a.id, sealed.origin, signal);
    const chunk = Buffer.alloc(MiB);
    await upload.write(chunk);
    free = 0;
    const sending = (async () => {
      for (let sent = 0; sent < 2000; sent += 1) await upload.write(chunk);
    })();
    await expect(sending).rejects.toEqual(refused('storage-full'));
    await expect(upload.end()).rejects.toEqual(refused('storage-full'));

    const late = transport.upload(identities.a.id, sealed.origin, signal);
    await expect(send(late, sealed.blob)).rejects.toEqual(refused('storage-full'));
    free = 1024 * MiB;
    await store(transport, sealed, identities.a);
  });

  it('that stalls is given up by the node', async () => {
    const clock = createTestClock();
    await start(identities.a, { clock });
    const transport = clientOf(identities.client);
    const sealed = await organization.seal(identities.client, randomBytes(5 * MiB));
    const upload = transport.upload(identities.a.id, sealed.origin, signal);
    await upload.write(sealed.blob.subarray(0, 2 * MiB));
    const end = new Promise((_resolve, reject) => {
      const wait = async () => {
        // The watch begins when the request has arrived: until then there is nothing to move the clock for.
        for (;;) {
          clock.advance(31_000);
          await upload.write(Buffer.of());
          await new Promise(setImmediate);
        }
      };
      wait().catch(reject);
    });
    await expect(end).rejects.toEqual(refused('upload-truncated'));
  });
});

describe('a caller', () => {
  it('that is not approved, or not any more, is refused', async () => {
    await start(identities.a);
    const sealed = await organization.seal(identities.client, randomBytes(10));
    const unlisted = await organization.enroll('stranger', ['client'], { listed: false });
    await expect(clientOf(unlisted).info(identities.a.id, sealed.job)).rejects.toEqual(refused('device-not-approved'));

    const transport = clientOf(identities.other);
    await expect(transport.info(identities.a.id, sealed.job)).rejects.toEqual(refused('not-found'));
    organization.update(identities.other.id, { status: 'revoked' });
    // The kept-alive connection was cut, which the client may find out by using it.
    await transport.info(identities.a.id, sealed.job).catch(() => {});
    await expect(transport.info(identities.a.id, sealed.job)).rejects.toEqual(refused('device-not-approved'));
    organization.update(identities.other.id, { status: 'approved' });
  });

  it('with keys other than its certificate names is refused', async () => {
    await start(identities.a);
    const key = organization.devices.get(identities.other.id)?.signing ?? '';
    organization.update(identities.other.id, {
      signing: organization.devices.get(identities.client.id)?.signing ?? ''
    });
    await expect(clientOf(identities.other).info(identities.a.id, JobId.parse(randomUUID()))).rejects.toEqual(
      refused('device-not-approved')
    );
    organization.update(identities.other.id, { signing: key });
  });

  it('of another organization, or without a certificate, does not get past TLS', async () => {
    const node = await start(identities.a);
    const elsewhere = await createTestOrganization();
    const spy = await elsewhere.enroll('spy', ['client']);
    const { secureContext } = deviceTlsClient({ identity: spy, expect: identities.a.id });
    for (const options of [{ secureContext }, {}]) {
      const failed = new Promise((resolve) => {
        const socket = connect({
          host: '127.0.0.1',
          port: Number(new URL(node.url).port),
          rejectUnauthorized: false,
          ...options
        });
        socket.on('secureConnect', () => socket.write('GET /v1/health HTTP/1.1\r\nHost: a\r\n\r\n'));
        socket.on('data', () => resolve('answered'));
        socket.on('error', resolve).on('close', () => resolve('closed'));
      });
      expect(await failed).not.toBe('answered');
    }
    await elsewhere.close();
  });

  it('that is not a client or node may not store, and never what another device signed', async () => {
    await start(identities.a);
    const station = await organization.enroll('kiosk', ['station']);
    const sealed = await organization.seal(identities.client, randomBytes(10));
    await expect(send(clientOf(station).upload(identities.a.id, sealed.origin, signal), sealed.blob)).rejects.toEqual(
      refused('not-allowed')
    );
  });

  it('finds out that another machine answers in place of the node', async () => {
    await start(identities.a);
    const b = await start(identities.b);
    organization.update(identities.a.id, { url: b.url });
    const transport = clientOf(identities.client);
    await expect(transport.info(identities.a.id, JobId.parse(randomUUID()))).rejects.toEqual(
      refused('certificate-invalid')
    );
    expect(await transport.probe(identities.a.id, signal)).toBe(false);
    expect(await transport.probe(identities.b.id, signal)).toBe(true);
    await b.close();
    expect(await transport.probe(identities.b.id, signal)).toBe(false);
    await expect(transport.info(identities.b.id, JobId.parse(randomUUID()))).rejects.toEqual(
      refused('node-unreachable')
    );
  });
});

describe('a job past its time', () => {
  it('is not taken', async () => {
    await start(identities.a);
    const transport = clientOf(identities.client);
    for (const [created, expires, code] of [
      [Date.now() - 7_200_000, Date.now() - 1, 'job-expired'],
      [Date.now(), Date.now() + 400 * 3_600_000, 'policy-refused']
    ] as const) {
      const sealed = await organization.seal(identities.client, randomBytes(10), { created, expires });
      await send(transport.upload(identities.a.id, sealed.origin, signal), sealed.blob);
      await expect(transport.commit(identities.a.id, sealed.job, await sealed.commitFor(identities.a))).rejects.toEqual(
        refused(code)
      );
    }
  });

  it('is erased by the clock, with a receipt', async () => {
    const clock = createTestClock();
    const node = await start(identities.a, { clock });
    const transport = clientOf(identities.client);
    const sealed = await organization.seal(identities.client, randomBytes(10), { expires: clock.now() + 60_000 });
    await store(transport, sealed, identities.a);
    clock.advance(60_000);
    const { body } = await organization.called(/erasures/);
    expect(erasureIn(body, identities.a)).toMatchObject({ job: sealed.job, reason: 'expired' });
    expect(node.heldJobs().size).toBe(0);
    expect(await filesIn(folderOf(identities.a, 'replicas'))).toEqual([]);
  });
});

describe('an order to erase', () => {
  it('removes blob and key, is receipted when the coordinator is back, and holds for ever', async () => {
    const node = await start(identities.a);
    const transport = clientOf(identities.client);
    const sealed = await organization.seal(identities.client, randomBytes(1000));
    const commit = await store(transport, sealed, identities.a);
    organization.coordinatorState.connected = false;
    await organization.erase(sealed.job, 'completed');
    await expect(transport.commit(identities.a.id, sealed.job, commit)).rejects.toEqual(refused('conflict'));
    await node.close();
    expect(await filesIn(folderOf(identities.a, 'replicas'))).toEqual([]);
    expect(organization.calls).toEqual([]);

    organization.coordinatorState.connected = true;
    await start(identities.a);
    const { body } = await organization.called(/erasures/);
    expect(erasureIn(body, identities.a)).toMatchObject({
      job: sealed.job,
      reason: 'completed',
      node: identities.a.id
    });
    const upload = transport.upload(identities.a.id, sealed.origin, signal);
    await expect(send(upload, sealed.blob)).rejects.toEqual(refused('conflict'));
  });

  it('counts only from the coordinator', async () => {
    const node = await start(identities.a);
    const sealed = await organization.seal(identities.client, randomBytes(1000));
    await store(clientOf(identities.client), sealed, identities.a);
    await organization.erase(sealed.job, 'canceled', { ...identities.client });
    await organization.erase(JobId.parse(randomUUID()), 'canceled');
    await organization.called(/erasures/);
    expect([...node.heldJobs()]).toEqual([sealed.job]);
  });
});

describe('after a crash', () => {
  const crash = async (leave: (folder: string, job: JobId) => Promise<unknown>) => {
    const node = await start(identities.a);
    const sealed = await organization.seal(identities.client, randomBytes(1000));
    await store(clientOf(identities.client), sealed, identities.a);
    await node.close();
    await leave(folderOf(identities.a), sealed.job);
    return { sealed, node: await start(identities.a) };
  };

  it('half an upload is gone', async () => {
    const { node } = await crash(async (folder) => {
      await mkdir(join(folder, 'staging', 'half'));
      await writeFile(join(folder, 'staging', 'half', 'blob'), 'half');
    });
    expect(await filesIn(folderOf(identities.a, 'staging'))).toEqual([]);
    expect(node.heldJobs().size).toBe(1);
  });

  it.each([
    ['without an envelope', (path: string) => rm(join(path, 'envelope.json'))],
    ['with half an envelope', (path: string) => truncate(join(path, 'envelope.json'), 100)],
    ['with a short blob', (path: string) => truncate(join(path, 'blob'), 100)]
  ])('a replica %s is set aside, and goes when the job is erased', async (_what, damage) => {
    const { node, sealed } = await crash((folder, job) => damage(join(folder, 'replicas', job)));
    expect(node.heldJobs().size).toBe(0);
    expect(await filesIn(folderOf(identities.a, 'damaged'))).toHaveLength(1);
    await organization.erase(sealed.job, 'canceled');
    await organization.called(/erasures/);
    expect(await filesIn(folderOf(identities.a, 'damaged'))).toEqual([]);
  });

  it('an erasure that had begun is finished', async () => {
    const { node, sealed } = await crash((folder, job) =>
      writeFile(
        join(folder, 'erased.jsonl'),
        `${JSON.stringify({ job, reason: 'completed', at: new Date().toISOString() })}\n{"job":"`
      )
    );
    expect(node.heldJobs().size).toBe(0);
    expect(await filesIn(folderOf(identities.a, 'replicas'))).toEqual([]);
    const { body } = await organization.called(/erasures/);
    expect(erasureIn(body, identities.a)).toMatchObject({ job: sealed.job });
  });
});

describe('a release', () => {
  it('streams events, and a refusal before the first is an ordinary error', async () => {
    const sealed = await organization.seal(identities.client, randomBytes(10));
    let refuse = false;
    await start(identities.a, {
      deliver: {
        async release({ caller, replica }, onEvent) {
          expect(caller).toBe(identities.client.id);
          expect((await replica(sealed.job))?.job).toBe(sealed.job);
          if (refuse) throw new LetterlockError('grant-used');
          onEvent({ type: 'started', job: sealed.job, bytes: 10 });
          onEvent({ type: 'completed' });
        }
      }
    });
    const transport = clientOf(identities.client);
    await store(transport, sealed, identities.a);
    const bundle = await sealed.grantFor({
      node: identities.a,
      printer: randomUUID() as never,
      requestedBy: identities.client.id
    });
    const seen: string[] = [];
    for await (const event of transport.release(identities.a.id, bundle, signal)) seen.push(event.type);
    expect(seen).toEqual(['started', 'completed']);

    refuse = true;
    await expect(transport.release(identities.a.id, bundle, signal)[Symbol.asyncIterator]().next()).rejects.toEqual(
      refused('grant-used')
    );
  });

  it('a refusal that was told as an event is no defect in the log; an end that nobody told is', async () => {
    const sealed = await organization.seal(identities.client, randomBytes(10));
    const logged: unknown[] = [];
    let tell = true;
    await start(identities.a, {
      logger: { ...silentLogger, error: (fields: unknown) => void logged.push(fields) } as typeof silentLogger,
      deliver: {
        async release(_order, onEvent) {
          if (tell) onEvent({ type: 'failed', code: 'printer-not-approved', uncertain: false });
          else onEvent({ type: 'started', job: sealed.job, bytes: 10 });
          throw new LetterlockError('printer-not-approved');
        }
      }
    });
    const transport = clientOf(identities.client);
    const bundle = await sealed.grantFor({
      node: identities.a,
      printer: randomUUID() as never,
      requestedBy: identities.client.id
    });
    const end = async () => {
      for await (const event of transport.release(identities.a.id, bundle, signal)) if (event.type === 'failed') return;
    };
    await end();
    expect(logged).toEqual([]);
    tell = false;
    await expect(end()).rejects.toEqual(refused('node-unreachable'));
    expect(logged).toHaveLength(1);
  });

  it('that breaks off says so', async () => {
    const sealed = await organization.seal(identities.client, randomBytes(10));
    const node = await start(identities.a, {
      deliver: {
        release: (_order, onEvent) => {
          onEvent({ type: 'started', job: sealed.job, bytes: 10 });
          return new Promise(() => {});
        }
      }
    });
    const bundle = await sealed.grantFor({
      node: identities.a,
      printer: randomUUID() as never,
      requestedBy: identities.client.id
    });
    const events = clientOf(identities.client).release(identities.a.id, bundle, signal)[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: 'started' });
    // Looked at before it can fail: the connection ends while the node is still closing.
    const told = expect(events.next()).rejects.toEqual(refused('node-unreachable'));
    await node.close();
    await told;
  });
});

describe('the sending side', () => {
  it('gives up a node that takes nothing', async () => {
    const { createServer } = await import('node:https');
    const clock = createTestClock();
    const { keyPem, certificatePem, authorityPem } = identities.a.tls;
    const silent = createServer({ key: keyPem, cert: certificatePem, ca: authorityPem }, (request) => request.pause());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const agent = deviceAgent({ identity: identities.client, expect: identities.a.id });
    const upload = openBlobUpload({
      agent,
      url: `https://127.0.0.1:${port}`,
      path: '/',
      signal,
      clock,
      giveUp: async () => {}
    });
    await upload.write(Buffer.alloc(1000));
    const stuck = upload.write(Buffer.alloc(64 * MiB));
    clock.advance(30_000);
    await expect(stuck).rejects.toEqual(refused('node-unreachable'));
    agent.destroy();
    silent.closeAllConnections();
    silent.close();
  });
});

function erasureIn(body: unknown, node: DeviceIdentity) {
  const { receipt } = body as { receipt: Parameters<typeof openStatement>[0]['signed'] };
  return openStatement({
    kind: 'erasure',
    signed: receipt,
    publicKey: decoded(organization.devices.get(node.id)?.signing ?? ''),
    schema: ErasureReceipt,
    maxBytes: 1024,
    code: 'seal-broken'
  });
}
