import { PDFDocument } from 'pdf-lib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pdfDocument } from '../../../tests/support/pdf.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { MiB } from '../../base/limits.ts';
import type { StampOrder } from './port.ts';
import { createStamper } from './stamper.ts';
import { buildThread } from './testing/built-thread.ts';

let built: Awaited<ReturnType<typeof buildThread>>;
beforeAll(async () => {
  built = await buildThread();
}, 60_000);
afterAll(() => built.close());

const { signal } = new AbortController();
const stamper = (clock: Clock = systemClock) => createStamper({ thread: built.path, clock });
const order = (document: Uint8Array, format: StampOrder['format'] = 'application/pdf'): StampOrder => ({
  ...{ format, bytes: new Uint8Array(document), sheet: { width: 595, height: 842 } },
  mark: { text: 'Ada', place: 'footer' }
});
/** The smallest that has a frame header: 1600 by 800 points in grey. Nobody looks at its pixels here. */
const jpeg = Buffer.from('ffd8ffc0000b080320064001011100ffd9', 'hex');

it('gives documents back with the mark, several at once', async () => {
  const stamp = stamper();
  const answers = await Promise.all([1, 2, 3].map((pages) => stamp(order(pdfDocument(pages)), signal)));
  const counts = answers.map(async (answer) =>
    'bytes' in answer ? (await PDFDocument.load(answer.bytes)).getPageCount() : answer.refused
  );
  expect(await Promise.all(counts)).toEqual([1, 2, 3]);
});

it('puts a picture on a sheet that lies as it does', async () => {
  const answer = await stamper()(order(jpeg, 'image/jpeg'), signal);
  const page = 'bytes' in answer ? (await PDFDocument.load(answer.bytes)).getPage(0) : undefined;
  expect(page?.getSize()).toEqual({ width: 842, height: 595 });
});

it('refuses what is wrong, says what it is as far as it can be told, and goes on', async () => {
  const stamp = stamper();
  const encrypted = Buffer.from(pdfDocument().toString('latin1').replace('/Size', '/Encrypt 1 0 R /Size'), 'latin1');
  expect(await stamp(order(encrypted), signal)).toEqual({ refused: 'encrypted' });
  expect(await stamp(order(Buffer.from('no PDF')), signal)).toEqual({ refused: 'broken' });
  expect(await stamp(order(Buffer.from('no JPEG'), 'image/jpeg'), signal)).toEqual({ refused: 'broken' });
  expect(await stamp(order(pdfDocument()), signal)).toHaveProperty('bytes');
});

it('stops a document that takes more memory than it may', async () => {
  const text = Buffer.from(`%PDF-1.7\n1 0 obj\n(${'a'.repeat(8 * MiB)})\nendobj\n`); // read letter by letter
  const stamp = createStamper({ thread: built.path, clock: systemClock, heapMiB: 48 });
  expect(await stamp(order(text), signal)).toEqual({ refused: 'demanding' });
  expect(await stamp(order(pdfDocument()), signal)).toHaveProperty('bytes');
}, 120_000);

it('stops a document when its time is over, and when nobody waits for it', async () => {
  const over: Clock = {
    now: () => 0,
    after(_, run) {
      setImmediate(run);
      return () => {};
    }
  };
  expect(await stamper(over)(order(pdfDocument()), signal)).toEqual({ refused: 'demanding' });

  const stamp = stamper();
  const leaving = new AbortController();
  const left = stamp(order(pdfDocument()), leaving.signal);
  const next = stamp(order(pdfDocument()), signal);
  leaving.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  expect(await next).toHaveProperty('bytes');
});
