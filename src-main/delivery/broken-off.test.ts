import { randomBytes, randomUUID } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PrinterId } from '../../src-preload/contract/ids.ts';
import { MiB } from '../base/limits.ts';
import type { Replica } from '../mesh/ports.ts';
import type { Grant } from '../protocol/device-api.ts';
import { deliveryFixture, documentOf, last, refused } from './testing/fixture.ts';
import type { Behaviour, PrintedJob } from './testing/printer.ts';

const { organization, secure, dataDir, begin, held, grantOf, release, told, stop, start, uploads, printsOnly } =
  deliveryFixture();

describe.each(['Create-Job', 'Print-Job'])('a delivery by %s that breaks off', (way) => {
  beforeEach(() => {
    if (way === 'Print-Job') printsOnly();
  });

  const certain = { type: 'failed', uncertain: false };
  const uncertain = { type: 'failed', uncertain: true };
  const internalError = 'server-error-internal-error';
  const cases: [string, Behaviour, object][] = [
    ['refused by the printer', { kind: 'refuse', status: 'client-error-not-authorized' }, certain],
    ['in the middle, aborted by the printer', { kind: 'cut', after: 'some', leave: 'aborted' }, certain],
    ['in the middle, unknown to the printer', { kind: 'cut', after: 'some', leave: 'nothing' }, uncertain],
    ['in the middle, still at the printer', { kind: 'cut', after: 'some', leave: 'processing' }, uncertain],
    ['in the middle, printed all the same', { kind: 'cut', after: 'some', leave: 'completed' }, uncertain],
    // All was given to the connection, and what of it arrived nobody knows: a torn document is `completed` to some printers.
    ['after the end, printed', { kind: 'cut', after: 'all', leave: 'completed' }, uncertain],
    ['after the end, unknown to the printer', { kind: 'cut', after: 'all', leave: 'nothing' }, uncertain],
    ['refused after the end', { kind: 'answer', status: 'client-error-not-authorized', leave: 'nothing' }, certain],
    ['out of order, printed', { kind: 'answer', status: internalError, leave: 'completed' }, { type: 'completed' }],
    ['out of order, unknown to the printer', { kind: 'answer', status: internalError, leave: 'nothing' }, uncertain],
    [
      'accepted without a number',
      { kind: 'answer', status: 'successful-ok', leave: 'completed' },
      { type: 'completed' }
    ],
    ['accepted, then aborted', { kind: 'accept', end: 'aborted' }, { ...certain, code: 'printer-refused' }],
    ['accepted, then canceled', { kind: 'accept', end: 'canceled' }, { ...certain, code: 'printer-refused' }]
  ];
  it.each(cases)('%s', async (_what, behaviour, end) => {
    secure().script.push(behaviour);
    const { sealed, replica } = await held(randomBytes(12 * MiB));
    const bundle = await grantOf(sealed);
    expect(last(await release(bundle, replica))).toMatchObject(end);
    expect(uploads()).toBe(1);
    expect(secure().jobs.filter(({ state }) => state === 'processing' || state === 'pending')).toEqual([]);
  });

  it('because the blob is damaged gives the printer no end', async () => {
    const document = randomBytes(12 * MiB);
    const { sealed, path, replica } = await held(document);
    const file = await open(path, 'r+');
    await file.write(Buffer.of(sealed.blob.readUInt8(9 * MiB) ^ 1), 0, 1, 9 * MiB);
    await file.close();
    const bundle = await grantOf(sealed);
    expect(last(await release(bundle, replica))).toMatchObject({ ...certain, code: 'seal-broken' });
    const [printed] = secure().jobs;
    expect(printed).toMatchObject({ state: 'aborted', documents: [{ whole: false }] });
    const arrived = documentOf(printed);
    expect(document.subarray(0, arrived.length).equals(arrived)).toBe(true);
  });

  it('because the blob is cut off never reaches the printer', async () => {
    const { sealed, path, replica } = await held(randomBytes(MiB));
    await writeFile(path, sealed.blob.subarray(0, -1));
    await expect(release(await grantOf(sealed), replica)).rejects.toEqual(refused('seal-broken'));
    expect(secure().requests).toEqual([]);
  });

  it.each([
    ['aborted', 'failed'],
    ['canceled', 'failed'],
    // Some printers take the end of a connection for the end of a document, and print what they have.
    ['completed', 'uncertain']
  ] as const)('because the node stopped is settled after the restart: printer says %s', async (leave, result) => {
    const { sealed, replica } = await held(randomBytes(24 * MiB));
    const bundle = await grantOf(sealed);
    const begun = new Promise<void>((resolve) => {
      secure().script.push({ kind: 'hang', begun: resolve, leave });
    });
    const released = release(bundle, replica).catch((error: unknown) => error);
    await begun;
    await stop();
    expect(await released).toEqual(refused('node-unreachable'));
    expect(told(bundle.value)).toEqual(['start']);

    await start();
    const { body } = await organization().called(/outcome/);
    expect(body).toMatchObject({ result, printerJob: 1 });
    expect(uploads()).toBe(1);
  });
});

describe('what is left of a delivery', () => {
  it('before anything was sent has failed for certain', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const bundle = await grantOf(sealed);
    const stuck = new Promise<void>((resolve) => {
      const waiting: Replica = { ...replica, openBlob: () => new Promise(() => resolve()) };
      void release(bundle, waiting).catch(() => {});
    });
    await stuck;
    // As after kill -9: nobody closes anything.
    const next = await begin();
    const { body } = await organization().called(/outcome/);
    expect(body).toMatchObject({ result: 'failed' });
    await next.close();
    await start();
  });

  it('at a printer that is no longer listed is uncertain', async () => {
    const { sealed } = await held(randomBytes(100));
    const { value } = await grantOf(sealed, { printer: randomUUID() as PrinterId });
    await writeJournal(value, [{ stage: 'sending', part: 0, parts: 1 }]);
    await stop();
    await start();
    const { body } = await organization().called(/outcome/);
    expect(body).toMatchObject({ result: 'uncertain' });
  });

  it('is uncertain where the printer counts what it printed before it aborted', async () => {
    secure().script.push({ kind: 'accept', end: 'aborted' });
    secure().can.impressions = 3;
    const { sealed, replica } = await held(randomBytes(100));
    expect(last(await release(await grantOf(sealed), replica))).toMatchObject({ type: 'failed', uncertain: true });
  });

  it('is an empty job when Create-Job was not answered: it is canceled, and nothing was printed', async () => {
    secure().mute.add('Create-Job');
    const { sealed, replica } = await held(randomBytes(100));
    const end = { type: 'failed', code: 'printer-unreachable', uncertain: false };
    expect(last(await release(await grantOf(sealed), replica))).toMatchObject(end);
    expect(secure().jobs).toMatchObject([{ state: 'canceled', documents: [] }]);
  });

  it('is canceled when the document is refused', async () => {
    secure().script.push({ kind: 'refuse', status: 'client-error-document-format-not-supported' });
    const { sealed, replica } = await held(randomBytes(100));
    expect(last(await release(await grantOf(sealed), replica))).toMatchObject({
      code: 'printer-refused',
      uncertain: false
    });
    expect(secure().jobs).toMatchObject([{ state: 'canceled' }]);
  });

  it.each([
    ['before the journal knew of it', 0, 'failed', 'canceled'],
    ['before its document', 1, 'uncertain', 'canceled']
  ])('is an empty job, canceled after the restart: %s', async (_when, lines, result, state) => {
    const { sealed } = await held(randomBytes(100));
    const { value } = await grantOf(sealed, { fence: 7 });
    await stop();
    const user = `letterlock-${sealed.job}.7`;
    secure().jobs.push(
      { number: 1, name: 'other', user: `letterlock-${sealed.job}.6`, state: 'pending', reasons: [], ...empty },
      { number: 2, name: 'Confidential', user, state: 'pending', reasons: [], ...empty }
    );
    await writeJournal(value, [{ stage: 'sending', part: 0, parts: 1, printerJob: 2 }].slice(0, lines));
    await start();
    expect((await organization().called(/outcome/)).body).toMatchObject({ result });
    await secure().until(() => secure().requests.includes('Cancel-Job'));
    await stop();
    expect(secure().jobs.map((job) => job.state)).toEqual(['pending', state]);
  });
});

const empty = { operation: [], job: [], documents: [] };

/** As a crash left it. */
async function writeJournal({ id: grant, job, printer: to, fence }: Grant, later: object[]): Promise<void> {
  const at = new Date().toISOString();
  const lines = [{ stage: 'accepted', at, grant, job, printer: to, fence }, ...later.map((line) => ({ ...line, at }))];
  const text = lines.map((line) => JSON.stringify(line)).join('\n\n');
  await writeFile(join(dataDir(), 'deliveries', `${grant}.jsonl`), `${text}\n{"stage":"deliv`);
}

describe.each(['Create-Job', 'Print-Job'])('a document that the printer refuses after %s', (way) => {
  beforeEach(() => {
    if (way === 'Print-Job') printsOnly();
  });
  const refusal = (leave: PrintedJob['state']): Behaviour => ({
    kind: 'answer',
    status: 'client-error-not-possible',
    leave
  });
  const outcome = async () => {
    const { sealed, replica } = await held(randomBytes(3 * MiB));
    return last(await release(await grantOf(sealed), replica));
  };

  it.each([
    ['stopped at its panel after some sheets', 'canceled', 2],
    ['given up after some sheets', 'aborted', 1],
    ['printed all the same', 'completed', undefined]
  ] as const)('may have come out: %s', async (_how, leave, impressions) => {
    secure().script.push(refusal(leave));
    secure().can.impressions = impressions;
    expect(await outcome()).toMatchObject({ type: 'failed', uncertain: true });
    expect(uploads()).toBe(1);
  });

  it('may have come out when the printer cannot be asked', async () => {
    secure().script.push(refusal('canceled'));
    for (const question of ['Get-Jobs', 'Get-Job-Attributes']) secure().mute.add(question);
    expect(await outcome()).toMatchObject({ type: 'failed', uncertain: true });
  });

  it.each(['canceled', 'aborted'] as const)('has certainly not come out: %s before the first sheet', async (leave) => {
    secure().script.push(refusal(leave));
    secure().can.impressions = 0;
    expect(await outcome()).toMatchObject({ type: 'failed', uncertain: false, code: 'printer-refused' });
  });
});
