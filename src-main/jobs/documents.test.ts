import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits, MiB } from '../base/limits.ts';
import type { JobMetadata } from '../sealing/metadata.ts';
import type { JobDocument } from './document-sequence.ts';
import { chunks, createTestClient, gate, never, one, type TestClient, ticket, until } from './testing/client.ts';

let client: TestClient;
beforeEach(async () => {
  client = await createTestClient();
});
afterEach(() => client.remove());

/** Baseline sequential JPEG, one pixel, in colour or grey: enough of one to have facts. */
const jpeg = (components: 1 | 3): Buffer =>
  Buffer.from(
    `ffd8ffc0${(8 + 3 * components).toString(16).padStart(4, '0')}0800010001${components
      .toString(16)
      .padStart(2, '0')}${Array.from({ length: components }, (_, index) => `0${index + 1}1100`).join('')}ffd9`,
    'hex'
  );
const document = (bytes: Uint8Array, more: Partial<JobDocument> = {}): JobDocument => ({
  format: 'application/octet-stream',
  content: chunks(bytes),
  ...more
});
async function* listOf(...documents: JobDocument[]): AsyncGenerator<JobDocument> {
  yield* documents;
}
const print = async (...documents: JobDocument[]): Promise<JobId> => {
  const job = client.jobs.begin(ticket);
  await client.jobs.documents(job, listOf(...documents), never);
  return job;
};
const opened = async (job: JobId) => {
  const [holder] = client.mesh.holders(job);
  if (!holder) throw new Error('no holder');
  return client.mesh.open(holder, job);
};
/** The documents again, as a node cuts them out of the blob. */
const cut = ({ document, metadata }: { document: Buffer; metadata: JobMetadata }): Buffer[] => {
  let end = 0;
  return metadata.documents.map(({ size }) => {
    end += size;
    return document.subarray(end - size, end);
  });
};
const refusedWith = async (code: string, documents: AsyncIterable<JobDocument>, of = ticket) => {
  const job = client.jobs.begin(of);
  await expect(client.jobs.documents(job, documents, never)).rejects.toMatchObject({ code });
  expect(client.jobs.get(job)).toMatchObject({ state: 'aborted', failure: { code } });
  for (const { staged, replicas } of client.mesh.all()) expect(staged.size + replicas.size).toBe(0);
  expect(await readdir(join(client.dataDir, 'outbox'))).toEqual([]);
};

describe('a job of several documents', () => {
  it('is one blob, and each comes out as it went in, however they are cut', async () => {
    const bytes = fc.uint8Array({ maxLength: 200_000 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(bytes, { maxLength: 3 }), { minLength: 1, maxLength: 5 }), async (sent) => {
        const job = await print(...sent.map((pieces) => document(Buffer.alloc(0), { content: chunks(...pieces) })));
        const arrived = cut(await opened(job));
        expect(arrived.map((each) => each.toString('base64'))).toEqual(
          sent.map((pieces) => Buffer.concat(pieces).toString('base64'))
        );
      }),
      { numRuns: 15 }
    );
  });

  it('keeps what was said of each, and what each says of itself', async () => {
    const job = await print(
      document(jpeg(3), { format: 'image/jpeg', name: 'Photo', attributes: 'AgAB' }),
      document(jpeg(1), { format: 'image/jpeg', last: true })
    );
    expect((await opened(job)).metadata).toEqual({
      v: 2,
      title: ticket.title,
      attributes: ticket.attributes,
      documents: [
        {
          format: 'image/jpeg',
          name: 'Photo',
          attributes: 'AgAB',
          size: jpeg(3).length,
          facts: { pages: 1, color: true }
        },
        { format: 'image/jpeg', size: jpeg(1).length, facts: { pages: 1, color: false } }
      ]
    });
    expect(client.jobs.get(job)).toMatchObject({ documents: 2, facts: { pages: 2, color: true } });
  });

  it('shows the same after a restart, and says nothing of it on this disk', async () => {
    const job = await print(document(jpeg(3), { format: 'image/jpeg', name: 'Lovelace.jpg' }), document(jpeg(3)));
    const before = client.jobs.get(job);
    await client.jobs.close();
    const record = await readFile(join(client.dataDir, 'jobs', job, 'job.json'), 'utf8');
    for (const secret of ['Lovelace', 'jpeg', 'pages', 'facts']) expect(record).not.toContain(secret);
    expect((await client.restart()).get(job)).toEqual(before);
  });

  it('shows the longest title and the strangest again after a restart', async () => {
    const titles = ['\u0000'.repeat(2000), '語'.repeat(2000), 'two\nlines\n', ''];
    const printed: JobId[] = [];
    for (const title of titles) {
      const job = client.jobs.begin({ ...ticket, title });
      await client.jobs.documents(job, one(chunks()), never);
      expect((await opened(job)).metadata.title).toBe(title.slice(0, 1023));
      printed.push(job);
    }
    await client.jobs.close();
    const again = await client.restart();
    expect(printed.map((job) => again.get(job)?.title)).toEqual(titles.map((title) => title.slice(0, 1023)));
  });

  it('asks for the next document only when it has read the one before', async () => {
    const events: string[] = [];
    async function* content(name: string) {
      yield randomBytes(3 * MiB);
      events.push(`${name} read`);
    }
    async function* documents() {
      for (const name of ['first', 'second']) {
        events.push(`${name} asked for`);
        yield { format: 'application/pdf', content: content(name) };
      }
    }
    const job = client.jobs.begin(ticket);
    await client.jobs.documents(job, documents(), never);
    expect(events).toEqual(['first asked for', 'first read', 'second asked for', 'second read']);
  });
});

describe('documents that come one by one', () => {
  it('hold no connection to a node meanwhile: they wait sealed, and leave together', async () => {
    let uploads = 0;
    for (const node of client.mesh.all())
      node.faults.drain = async () => {
        uploads += 1;
      };
    const next = gate();
    const waits = gate();
    async function* slowly() {
      yield document(randomBytes(MiB), { last: false });
      waits.open();
      await next.opened;
      yield document(Buffer.from('canary'), { last: true });
    }
    const job = client.jobs.begin(ticket);
    const taken = client.jobs.documents(job, slowly(), never);
    await waits.opened;
    expect(uploads).toBe(0);
    next.open();
    await taken;
    expect(client.jobs.get(job)).toMatchObject({ state: 'held', documents: 2 });
    await until(client.jobs, job, ({ safeToClose }) => safeToClose);
    expect(cut(await opened(job))[1]?.toString()).toBe('canary');
    await client.jobs.close();
    expect(await readdir(join(client.dataDir, 'outbox'))).toEqual([]);
  });

  it.each([
    ['before the first one', []],
    ['between two', [document(Buffer.from('x'), { last: false })]]
  ])('keep nobody else waiting: %s', async (_, sent) => {
    async function* stuck() {
      yield* sent;
      await new Promise(() => {});
    }
    for (let index = 0; index < 30; index++)
      client.jobs.documents(client.jobs.begin(ticket), stuck(), never).catch(() => {});
    const job = await client.print(Buffer.from('x'));
    expect(client.jobs.get(job)?.state).toBe('held');
  });

  it('end with the job when it is canceled between them', async () => {
    const waits = gate();
    async function* stuck() {
      yield document(Buffer.from('x'), { last: false });
      waits.open();
      await new Promise(() => {});
    }
    const job = client.jobs.begin(ticket);
    const taken = client.jobs.documents(job, stuck(), never);
    const rejected = expect(taken).rejects.toMatchObject({ code: 'conflict' });
    await waits.opened;
    await client.jobs.cancel(job);
    await rejected;
    expect(client.jobs.get(job)?.state).toBe('canceled');
    expect(await readdir(join(client.dataDir, 'outbox'))).toEqual([]);
  });
});

describe('refusals', () => {
  it('a job without a document', () => refusedWith('upload-truncated', listOf()));

  it('more documents than a job may have, before their bytes are read', async () => {
    let read = 0;
    async function* content() {
      read += 1;
      yield Buffer.from('x');
    }
    async function* many() {
      for (;;) yield { format: 'text/plain', content: content() };
    }
    await refusedWith('too-large', many());
    expect(read).toBe(limits.documentsPerJob);
  });

  it('attributes that cannot be sealed, before a byte is read', async () => {
    let read = false;
    async function* content() {
      read = true;
      yield Buffer.from('x');
    }
    const attributes = 'A'.repeat(limits.metadata);
    await refusedWith('too-large', one(content()), { ...ticket, attributes });
    await refusedWith('too-large', one(content(), { attributes }));
    await refusedWith('input-invalid', one(content(), { attributes: 'not base64url' }));
    await refusedWith('input-invalid', one(content(), { name: 'x'.repeat(1024) }));
    expect(read).toBe(false);
  });

  it('a second document that fails takes the first one with it', async () => {
    async function* broken() {
      yield document(randomBytes(2 * MiB));
      throw new LetterlockError('upload-truncated');
    }
    await refusedWith('upload-truncated', broken());
  });

  it('closes the source of what was not read', async () => {
    const closed = gate();
    async function* documents() {
      try {
        yield document(Buffer.from('x'), {
          content: (async function* () {
            yield Buffer.from('x');
            throw new LetterlockError('upload-truncated');
          })()
        });
        yield document(Buffer.from('y'));
      } finally {
        closed.open();
      }
    }
    await refusedWith('upload-truncated', documents());
    await closed.opened;
  });
});

describe('holds', () => {
  it('are remembered, also after a restart, and end with the job', async () => {
    const job = client.jobs.begin({ ...ticket, held: true });
    expect(client.jobs.spooled(job)).toMatchObject({ userName: 'al', held: true, durable: null, ended: null });
    await client.jobs.documents(job, one(chunks()), never);
    const durable = client.clock.now();
    expect(client.jobs.spooled(job)).toMatchObject({ held: true, durable });
    await client.jobs.hold(job, false);
    await client.jobs.close();
    const again = await client.restart();
    expect(again.spooled(job)).toEqual({ userName: 'al', held: false, durable, ended: null });
    await again.hold(job, true);
    client.organization.tell({ id: job, state: 'completed', holders: [], printer: null });
    await expect(again.hold(job, false)).rejects.toMatchObject({ code: 'conflict' });
    expect(again.spooled(job)).toMatchObject({ held: true, ended: client.clock.now() });
  });
});

describe('a full disk', () => {
  it('is known, and known to be over by the clock alone', async () => {
    expect(client.jobs.condition().storageFull).toBe(false);
    client.disk.freeBytes = MiB;
    for (const node of client.mesh.all()) node.faults.dead = true;
    await refusedWith('storage-full', one(chunks(randomBytes(10))));
    expect(client.jobs.condition().storageFull).toBe(true);
    client.disk.freeBytes = 1000 * MiB;
    const over = gate();
    client.jobs.onChange(() => client.jobs.condition().storageFull || over.open());
    await client.passing(over.opened);
  });
});
