import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toBase64url } from '../../base/bytes.ts';
import { generateSigningKey, signingKey } from '../../identity/keys.ts';
import { type Signed, signStatement } from '../../identity/signed-statement.ts';
import type { AuditCopy } from '../../protocol/audit.ts';
import { csvRow } from './csv.ts';
import { type ExportPin, verifyExport } from './export-verifier.ts';
import type { AuditSearch } from './tables.ts';
import { createTestLog, type TestLog } from './testing/log.ts';

const rows = 70;
let log: TestLog;
let file: string;
let early: Signed;

beforeAll(async () => {
  log = await createTestLog();
  await log.add(rows - 10);
  early = log.journal.head() as Signed;
  await log.add(10);
  file = await log.exported({ pageRows: 16 });
}, 60_000);
afterAll(() => log.close());

const verify = (text: string | Uint8Array, pin?: ExportPin) => verifyExport(Readable.from([Buffer.from(text)]), pin);
const copyOf = (...checkpoints: Signed[]): AuditCopy => ({
  organization: log.identity.organization,
  coordinator: { id: log.identity.id, signing: toBase64url(log.identity.signing.publicKey) },
  checkpoints,
  refused: null
});
const isPage = (line: string) => line.startsWith('{"page"');

describe('an export', () => {
  test('proves itself, whole and in parts', async () => {
    expect(await verify(file)).toMatchObject({ intact: true, rows, upTo: rows, reason: null });
    expect(file.split('\n').filter(isPage)).toHaveLength(5);
    expect(await verify(await log.exported({ after: 20 }))).toMatchObject({ intact: true, rows: rows - 20 });
    expect(await verify(await log.exported({ after: rows }))).toMatchObject({ intact: true, rows: 0, upTo: rows });
    const found = await verify(await log.exported({ filter: { actor: 'admin:eve' }, pageRows: 7 }));
    expect(found).toMatchObject({ intact: true, rows: 23, upTo: rows, filter: { actor: 'admin:eve' } });
    await expect(log.exported({ after: rows + 1 })).rejects.toMatchObject({ code: 'input-invalid' });
  });

  test('is checked in pieces of any size', async () => {
    const bytes = Buffer.from(file);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.subarray(i * 7, i * 7 + 7));
    expect(await verifyExport(Readable.from(pieces))).toMatchObject({ intact: true, rows });
  });

  test('any bit that is turned is found, or nothing else is said by it', async () => {
    const bytes = Buffer.from(file);
    const meaning = (data: Uint8Array) => Buffer.from(data).toString().split('\n').map(parsed);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        const turned = Buffer.from(bytes);
        turned[at] = (turned[at] ?? 0) ^ (1 << bit);
        const report = await verify(turned);
        if (report.intact) expect(meaning(turned)).toEqual(meaning(bytes));
      }),
      { numRuns: 400 }
    );
  });

  test('lines that are removed, doubled, moved, changed, or cut off are found', async () => {
    const lines = file.split('\n').slice(0, -1);
    const index = fc.nat(lines.length - 1);
    const damage: fc.Arbitrary<(all: string[]) => string[]> = fc.oneof(
      index.map((i) => (all: string[]) => all.filter((_, at) => at !== i)),
      index.map((i) => (all: string[]) => all.toSpliced(i, 0, all[i] ?? '')),
      fc
        .tuple(index, index)
        .filter(([i, j]) => i !== j)
        .map(
          ([i, j]) =>
            (all: string[]) =>
              all.toSpliced(i, 1).toSpliced(j, 0, all[i] ?? '')
        ),
      index.map(
        (i) => (all: string[]) => all.toSpliced(i, 1, (all[i] ?? '').replace('ada', 'eva').replace('page', 'pagf'))
      ),
      index.map((i) => (all: string[]) => all.slice(0, i))
    );
    await fc.assert(
      fc.asyncProperty(damage, async (apply) => {
        const damaged = apply([...lines]);
        fc.pre(damaged.join('\n') !== lines.join('\n'));
        const report = await verify(damaged.map((line) => `${line}\n`).join(''));
        expect(report.intact).toBe(false);
        expect(report.reason).not.toBeNull();
      }),
      { numRuns: 200 }
    );
  });

  test('the first broken row is named, with the reason', async () => {
    expect(await verify(file.replace('"subject":"user 30"', '"subject":"user 31"'))).toMatchObject({
      intact: false,
      firstBroken: 30,
      reason: 'the row was changed'
    });
    expect(await verify('')).toMatchObject({ intact: false, reason: 'the file ends before its last page' });
    expect(await verify('{"hello":1}\n')).toMatchObject({ intact: false, reason: 'a line is none of an export' });
  });

  test('whole pages that are dropped are found', async () => {
    const lines = file.split('\n');
    const ends = lines.flatMap((line, i) => (isPage(line) ? [i] : []));
    const without = (from: number, to: number) => lines.filter((_, i) => i <= from || i > to).join('\n');
    expect((await verify(without(ends[0] ?? 0, ends[1] ?? 0))).intact).toBe(false);
    expect(await verify(without(ends[3] ?? 0, ends[4] ?? 0))).toMatchObject({
      intact: false,
      reason: 'the file ends before its last page'
    });
  });

  test('what is left out of a search cannot hide a row that was in it', async () => {
    const found = await log.exported({ filter: { actor: 'admin:eve' } });
    const lines = found.split('\n');
    const at = lines.findIndex((line) => line.startsWith('{"row"'));
    const row = JSON.parse(lines[at] ?? '').row;
    const hidden = lines.toSpliced(at, 1, JSON.stringify({ skipped: { to: row.sequence, hash: row.hash } }));
    expect((await verify(hidden.join('\n'))).intact).toBe(false);
  });

  test('a file that another key signed is another organization’s', async () => {
    const other = await createTestLog();
    try {
      await other.add(3);
      const theirs = await other.exported();
      expect((await verify(theirs)).intact).toBe(true);
      expect((await verify(theirs, { organization: log.identity.organization })).intact).toBe(false);
      expect((await verify(theirs, { copy: copyOf(early) })).intact).toBe(false);
      const ours = toBase64url(log.identity.signing.publicKey);
      expect((await verify(theirs.replaceAll(toBase64url(other.identity.signing.publicKey), ours))).intact).toBe(false);
    } finally {
      await other.close();
    }
  });
});

describe('a copy kept elsewhere', () => {
  test('agrees with an honest log, old or new', async () => {
    const newest = log.journal.head() as Signed;
    expect(await verify(file, { copy: copyOf(early, newest) })).toMatchObject({ intact: true, compared: 2 });
  });

  test('shows that the end was cut off, even where every signature holds', async () => {
    const newest = log.journal.head() as Signed;
    await log.add(1);
    const later = log.journal.head() as Signed;
    const cut = await withoutNewest(() => log.exported());
    expect((await verify(cut)).intact).toBe(true);
    expect(await verify(cut, { copy: copyOf(early, newest, later) })).toMatchObject({
      intact: false,
      firstBroken: rows + 1,
      reason: 'rows are missing at the end'
    });
  });

  test('says nothing of a file that is older than it, and that is said', async () => {
    await log.add(1);
    const later = log.journal.head() as Signed;
    expect((await verify(file, { copy: copyOf(early, later) })).intact).toBe(true);
    expect(await verify(file, { copy: copyOf(later) })).toMatchObject({
      intact: false,
      reason: 'the copy speaks of no row of this file'
    });
  });

  test('by another key is none', async () => {
    const mallory = { id: log.identity.id, key: signingKey(generateSigningKey()) };
    const forged = await signStatement(
      'audit-checkpoint',
      JSON.parse(Buffer.from(early.payload, 'base64url').toString()),
      mallory
    );
    expect((await verify(file, { copy: copyOf(forged) })).intact).toBe(false);
  });
});

test('as CSV nothing of it is a formula', async () => {
  const csv = await log.exported({ format: 'csv', pageRows: 16 });
  expect(csv.split('\r\n')[0]).toBe('sequence,time,actor,action,subject,detail,hash');
  expect(csv.split('\r\n').length).toBeGreaterThan(rows);
  const named = (subject: string) =>
    csvRow({ sequence: 1, time: 't', actor: 'a', action: 'b', subject, detail: {}, hash: 'h' });
  fc.assert(
    fc.property(fc.constantFrom('=', '+', '-', '@', '\t', '\r', ' =', '＝', '\n+'), fc.string(), (sign, rest) => {
      expect(named(`${sign}${rest}`)).toContain(`"b","'${sign}`);
    })
  );
  expect(named('say "hi", ok')).toContain('"say ""hi"", ok"');
});

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
};

/** As if the database had been put back to before the newest row: its checkpoint of then is signed like any other. */
async function withoutNewest<T>(run: () => Promise<T>): Promise<T> {
  const { store, identity } = log;
  const [before] = await store.tables.audit.find({}, { after: 0, before: rows + 1, newest: true, limit: 1 });
  if (!before) throw new Error('no row');
  const checkpoint = {
    organization: identity.organization,
    sequence: rows,
    hash: before.hash,
    at: new Date().toISOString()
  };
  const signed = await signStatement('audit-checkpoint', checkpoint, { id: identity.id, key: identity.signing });
  const transaction = store.transaction;
  store.transaction = (inside) =>
    transaction(({ audit, ...tables }) =>
      inside({
        ...tables,
        audit: {
          ...audit,
          last: async () => before,
          find: async (search, range) => audit.find(search, { ...range, before: rows + 1 }),
          checkpoints: async () => [{ sequence: rows, signed: JSON.stringify(signed) }]
        }
      })
    );
  try {
    return await run();
  } finally {
    store.transaction = transaction;
  }
}

describe('searching', () => {
  const numbers = async (search: AuditSearch, range: object = {}) =>
    (await log.store.tables.audit.find(search, { after: 0, limit: 1000, ...range })).map(({ sequence }) => sequence);

  test('every condition must hold', async () => {
    expect(await numbers({ actor: 'admin:eve', action: 'user.' }, { limit: 3 })).toEqual([3, 6, 9]);
    expect(await numbers({ actor: 'admin:eve', subject: 'user 3' })).toEqual([3]);
    expect(await numbers({ actor: 'admin:ada', subject: 'user 3' })).toEqual([]);
    expect(await numbers({ action: 'USER.' })).toEqual([]);
    for (const action of ['%', '_ser', "' or 1=1 --"]) expect(await numbers({ action })).toEqual([]);
  });

  test('in pages from either end', async () => {
    const last = (await log.store.tables.audit.last())?.sequence ?? 0;
    expect(await numbers({}, { newest: true, limit: 2 })).toEqual([last, last - 1]);
    expect(await numbers({ actor: 'admin:eve' }, { newest: true, before: 10, limit: 2 })).toEqual([9, 6]);
    expect(await numbers({}, { after: 4, before: 7 })).toEqual([5, 6]);
  });

  test('by time: from one moment on, before the other', async () => {
    const [, , third] = await log.store.tables.audit.after(0, 10);
    expect(await numbers({ from: third?.time })).toContain(3);
    expect(await numbers({ to: third?.time })).not.toContain(3);
  });
});
