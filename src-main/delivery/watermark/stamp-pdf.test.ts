import { describe, expect, it } from 'vitest';
import { samplePdf } from '../../../build/sample-document.mjs';
import { needs } from '../../../tests/support/needs.ts';
import { pdfDocument } from '../../../tests/support/pdf.ts';
import { createPdfWriter, withPages } from '../../documents/testing/pdf-writer.ts';
import type { Mark } from './port.ts';
import { stampPdf } from './stamp-pdf.ts';
import { pdfOf } from './testing/pages.ts';
import { inkOf, wordsOf } from './testing/read-back.ts';

const footer: Mark = { text: 'Ada 2026-11-22', place: 'footer' };
const diagonal: Mark = { text: 'Ada 2026-11-22', place: 'diagonal' };
const textOf = (words: readonly { readonly text: string }[] | undefined) => words?.map(({ text }) => text).join(' ');
/** Of text that lies across the page Poppler finds the letters, and not which belong together. */
const lettersOf = (text = '') => Array.from(text.replaceAll(' ', '')).sort().join('');

describe.runIf(needs('pdftotext', 'pdftoppm'))('a stamped document, as another program reads it', () => {
  it('has the text on every page, and what was there', async () => {
    const pages = await wordsOf(await stampPdf(pdfDocument(3), footer));
    expect(pages.map(textOf)).toEqual(['Ada 2026-11-22', 'Ada 2026-11-22', 'Ada 2026-11-22']);
    const [sample] = await wordsOf(await stampPdf(samplePdf(['Quarterly figures']), diagonal));
    expect(textOf(sample)).toContain('Quarterly figures');
    expect(lettersOf(textOf(sample))).toBe(lettersOf(`Quarterly figures ${diagonal.text}`));
  });

  it.each([
    ['as it is', ''],
    ['turned by 90', '/Rotate 90'],
    ['turned by 180', '/Rotate 180'],
    ['turned by -90', '/Rotate -90'],
    ['cropped', '/CropBox [100 200 400 500]'],
    ['cropped and turned', '/CropBox [400 500 100 200] /Rotate 270'],
    ['cropped to nothing', '/CropBox [900 900 1000 1000]'],
    ['with its origin elsewhere', '/MediaBox [-300 -400 295 442]'],
    ['in other units', '/UserUnit 10 /MediaBox [0 0 59.5 84.2]'],
    ['as large as a wall', '/MediaBox [0 0 14000 10000]']
  ])('has the footer at the foot and upright on a page %s', async (name, entries) => {
    const [page = []] = await wordsOf(await stampPdf(pdfOf({ content: '', entries }), footer), / -?90$/.test(name));
    expect(textOf(page)).toBe('Ada 2026-11-22');
    const [first, last] = [page[0], page.at(-1)];
    if (!first || !last) return;
    expect(first.left).toBeLessThan(0.5);
    expect(last.right).toBeGreaterThan(0.5);
    expect(first.left + last.right).toBeCloseTo(1, 1); // in the middle
    expect(first.top).toBeGreaterThan(0.93);
    expect(first.bottom).toBeLessThan(1);
    expect(first.bottom - first.top).toBeGreaterThan(0.005); // not too small to be read
  });

  it('is legible on a black page', async () => {
    const black = pdfOf({ content: '0 g 0 0 595 842 re f' });
    expect(await inkOf(black, 0.94, 1)).toBe(1);
    expect(await inkOf(await stampPdf(black, footer), 0.94, 1)).toBeLessThan(0.998);
  });

  it.each([
    ['an open clipping path', '0 0 0 0 re W n q'],
    ['one restore too many', 'Q Q 0 0 0 0 re W n q'],
    ['an open transformation', '1 0 0 1 9999 9999 cm q'],
    ['an open string', 'BT ('],
    ['an open text object, invisible', 'BT 3 Tr'],
    ['an open inline image', 'BI /W 1 /H 1 /BPC 8 /CS /G ID x'],
    ['white for everything', '1 g 1 G q']
  ])('is not hidden by %s', async (_, content) => {
    for (const mark of [footer, diagonal]) {
      const [from, to] = mark.place === 'footer' ? ([0.94, 1] as const) : ([0.3, 0.7] as const);
      expect(await inkOf(await stampPdf(pdfOf({ content }), mark), from, to)).toBeGreaterThan(0.001);
    }
  });

  it('is not hidden by annotations above the page', async () => {
    const appearance = '<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] /Length 25 >>';
    const writer = withPages(createPdfWriter(), 1, '/Annots [7 0 R]');
    writer.object(7, '<< /Type /Annot /Subtype /Stamp /Rect [0 0 612 792] /F 4 /AP << /N 8 0 R >> >>');
    writer.raw('').stream(8, appearance.slice(2, -2).replace(/\/Length.*/, ''), '1 g 0 0 595 842 re f');
    const bytes = writer.table().bytes();
    expect(await inkOf(await stampPdf(bytes, footer), 0.94, 1)).toBeGreaterThan(0.001);
  });

  it('keeps what a page with several streams draws, across them', async () => {
    const writer = createPdfWriter();
    writer.object(1, '<< /Type /Catalog /Pages 2 0 R >>');
    writer.object(
      2,
      '<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] /Resources << /Font << /F 4 0 R >> >> >>'
    );
    writer.object(3, '<< /Type /Page /Parent 2 0 R /Contents [5 0 R 6 0 R] >>');
    writer.object(4, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
    writer.flate(5, '', 'BT /F 24 Tf 100 700 Td (First)');
    writer.stream(6, '', 'Tj ET');
    const [page] = await wordsOf(await stampPdf(writer.table().bytes(), footer));
    expect(textOf(page)).toBe('First Ada 2026-11-22');
  });

  it('draws a stream that pages of different sizes share on each of them, and has it in the file once', async () => {
    const writer = createPdfWriter();
    writer.object(1, '<< /Type /Catalog /Pages 2 0 R >>');
    writer.object(2, '<< /Type /Pages /Kids [3 0 R 4 0 R 5 0 R] /Count 3 /Resources << /Font << /F 6 0 R >> >> >>');
    for (const [index, size] of ['200 200', '900 900', '200 200'].entries())
      writer.object(3 + index, `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${size}] /Contents 7 0 R >>`);
    writer.object(6, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
    writer.stream(7, '', 'BT /F 24 Tf 50 100 Td (Near) Tj 600 600 Td (Far) Tj ET');
    const stamped = await stampPdf(writer.table().bytes(), footer);
    expect((await wordsOf(stamped)).map((page) => page.map(({ text }) => text))).toEqual([
      ['Near', 'Ada', '2026-11-22'],
      ['Far', 'Near', 'Ada', '2026-11-22'],
      ['Near', 'Ada', '2026-11-22']
    ]);
    const alone = await stampPdf(pdfOf({ content: '% canary' }), footer);
    expect(Buffer.from(alone).toString('latin1').split('% canary')).toHaveLength(2);
  });

  it('reads documents whose structure is packed, and saved again', async () => {
    const writer = createPdfWriter();
    writer.objectStream(6, {
      1: '<< /Type /Catalog /Pages 2 0 R >>',
      2: '<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>',
      3: '<< /Type /Page /Parent 2 0 R >>'
    });
    writer.crossReferenceStream(7, '/Root 1 0 R', { predictor: true });
    writer.object(2, '<< /Type /Pages /Kids [3 0 R 8 0 R] /Count 2 /MediaBox [0 0 595 842] >>');
    writer.object(8, '<< /Type /Page /Parent 2 0 R >>');
    writer.table();
    expect((await wordsOf(await stampPdf(writer.bytes(), footer))).map(textOf)).toEqual(
      Array(2).fill('Ada 2026-11-22')
    );
  });

  it.each([
    ['Łukasz Żółć', '?ukasz Zó?c'],
    ['Zoë – “Ünal”', 'Zoë – “Ünal”'],
    ['李雷', '??']
  ])('writes %s as it can', async (text, written) => {
    const [page] = await wordsOf(await stampPdf(pdfDocument(1), { ...footer, text }));
    expect(textOf(page)).toBe(written);
  });

  it('shrinks a long text rather than losing its end', async () => {
    const text = `${'Confidential '.repeat(18)}End`;
    for (const mark of [footer, diagonal]) {
      const [page = []] = await wordsOf(await stampPdf(pdfDocument(1), { ...mark, text }));
      expect(lettersOf(textOf(page))).toBe(lettersOf(text));
      expect(page.every(({ left, right, top, bottom }) => left > 0 && right < 1 && top > 0 && bottom < 1)).toBe(true);
    }
  });
});

describe('a document where a page could stay unmarked', () => {
  const tree = (kids: string, ...objects: readonly [number, string][]) => {
    const writer = withPages(createPdfWriter(), 1);
    writer.object(2, `<< /Type /Pages /Kids [3 0 R ${kids}] /Count 2 >>`);
    for (const [number, value] of objects) writer.object(number, value);
    return writer.table().bytes();
  };
  it.each<[string, Uint8Array]>([
    ['no PDF at all', Buffer.from('%!PS-Adobe-3.0\nshowpage')],
    ['cut off', pdfDocument(2).subarray(0, 200)],
    ['a page that does not say that it is one', tree('7 0 R', [7, '<< /Parent 2 0 R /MediaBox [0 0 9 9] >>'])],
    ['a page with pages', tree('7 0 R', [7, '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Kids [3 0 R] >>'])],
    ['pages without pages', tree('7 0 R', [7, '<< /Type /Pages /Parent 2 0 R /Count 1 >>'])],
    ['a missing page', tree('7 0 R')],
    ['a tree that bites its tail', tree('2 0 R')],
    ['branches that grow together', tree('7 0 R 7 0 R', [7, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>'])],
    [
      'two objects of one number',
      withPages(createPdfWriter(), 1).raw('3 1 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n').table().bytes()
    ],
    ['a number that no reader takes', tree('', [8_388_608, 'null'])],
    ['a page without area', pdfOf({ entries: '/MediaBox [0 0 0 842]' })],
    ['parents in a circle', pdfOf({ entries: '/Parent 10 0 R /MediaBox 99 0 R' })],
    ['contents that are none', pdfOf({ entries: '/Contents [9 0 R]' })],
    [
      'encrypted',
      withPages(createPdfWriter(), 1)
        .object(7, '<< /Filter /Standard /V 1 /R 2 >>')
        .table('/Root 1 0 R/Encrypt 7 0 R')
        .bytes()
    ],
    ['brackets without end', Buffer.from(`%PDF-1.7\n1 0 obj\n${'['.repeat(200_000)}`)]
  ])('%s: is refused', async (_, bytes) => {
    await expect(stampPdf(bytes, footer)).rejects.toThrow();
  });
});
