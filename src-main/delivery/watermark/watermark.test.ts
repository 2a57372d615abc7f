import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PDFDocument } from 'pdf-lib';
import { describe, expect, it } from 'vitest';
import { samplePdf } from '../../../build/sample-document.mjs';
import { pdfDocument } from '../../../tests/support/pdf.ts';
import { limits } from '../../base/limits.ts';
import { firstString, integer } from '../../ipp/attributes.ts';
import type { PrintTerms } from '../../protocol/print-terms.ts';
import { agree } from '../terms.ts';
import { deliveryFixture, documentOf, group, last } from '../testing/fixture.ts';
import { picturePage } from './picture-page.ts';
import type { Stamp } from './port.ts';
import { stampPdf } from './stamp-pdf.ts';

const watermark: NonNullable<PrintTerms['watermark']> = {
  ...{ rule: 'mark', words: 'Everything is marked', version: 3 },
  ...{ text: 'Ada 2026-11-22', place: 'footer' as const }
};
const terms: PrintTerms = { watermark };
const refused = (about: string) =>
  expect.objectContaining({ code: 'policy-refused', detail: expect.stringContaining(about) });

/** As in the thread, without the thread. */
const stamp: Stamp = async ({ format, bytes, mark, sheet }) => {
  try {
    const pdf = format === 'image/jpeg' ? await picturePage(bytes, sheet) : bytes;
    return { bytes: new Uint8Array(await stampPdf(pdf, mark)) };
  } catch {
    return { refused: 'broken' };
  }
};

describe('a node that stamps', () => {
  const { organization, secure, held, grantOf, release, dataDir } = deliveryFixture({ stamp });
  const job = (documents: readonly Uint8Array[], format = 'application/pdf') =>
    held(Buffer.concat(documents), {
      metadata: {
        attributes: group(integer('copies', 2)),
        documents: documents.map(({ length: size }) => ({ format, size, facts: { pages: 3 } }))
      }
    });
  const outcomes = () =>
    organization()
      .calls.filter(({ path }) => path.endsWith('/outcome'))
      .map(({ body }) => body);

  it('gives the printer the marked document, and reports the pages as before', async () => {
    const canary = 'Salaries of the board';
    const { sealed, replica } = await job([samplePdf([canary])]);
    const events = await release(await grantOf(sealed, { terms }), replica);
    expect(last(events)).toEqual({ type: 'completed' });
    const printed = documentOf(secure().jobs[0]);
    expect(printed.toString('latin1')).toContain('/Mark Do');
    expect(printed.toString('latin1')).toContain(canary);
    expect((await PDFDocument.load(printed)).getPageCount()).toBe(1);
    expect(outcomes().at(-1)).toMatchObject({ result: 'completed', printed: { pages: 6 } });
    for (const name of await readdir(dataDir(), { recursive: true })) {
      const bytes = await readFile(join(dataDir(), name)).catch(() => Buffer.of());
      expect(bytes.includes(canary)).toBe(false);
    }
  });

  it('puts a picture on a page, and says so to the printer', async () => {
    const jpeg = Buffer.from('ffd8ffc0000b080320064001011100ffd9', 'hex');
    const { sealed, replica } = await job([jpeg], 'image/jpeg');
    expect(last(await release(await grantOf(sealed, { terms }), replica))).toEqual({ type: 'completed' });
    const [document] = secure().jobs[0]?.documents ?? [];
    expect(firstString(document?.operation ?? [], 'document-format')).toBe('application/pdf');
    expect(documentOf(secure().jobs[0]).toString('latin1')).toContain('/DCTDecode');
  });

  it('prints none of several documents when one cannot be stamped, and says by which rule', async () => {
    const { sealed, replica } = await job([pdfDocument(), Buffer.from('no PDF at all')]);
    const events = await release(await grantOf(sealed, { terms }), replica);
    expect(last(events)).toMatchObject({ type: 'failed', code: 'policy-refused', uncertain: false });
    expect(outcomes().at(-1)).toMatchObject({
      ...{
        result: 'failed',
        code: 'policy-refused',
        detail: expect.stringContaining('document 2 is not a sound file')
      },
      refused: { rule: 'mark', version: 3, effect: 'watermark' }
    });
    expect(secure().jobs).toEqual([]);
  });

  it('stamps nothing and prints nothing of what was changed while it was held', async () => {
    const { sealed, replica, path } = await job([pdfDocument(2), pdfDocument(2)]);
    const blob = await readFile(path);
    blob[blob.length - 1] = (blob.at(-1) ?? 0) ^ 1;
    await writeFile(path, blob);
    const events = await release(await grantOf(sealed, { terms }), replica);
    expect(last(events)).toMatchObject({ type: 'failed', code: 'seal-broken' });
    expect(secure().jobs).toEqual([]);
  });

  it('refuses formats that cannot be stamped before it speaks to the printer', async () => {
    const { sealed, replica } = await job([Buffer.from('UNIRAST\0')], 'image/urf');
    await expect(release(await grantOf(sealed, { terms }), replica)).rejects.toEqual(refused('image/urf'));
    expect(secure().requests).toEqual([]);
  });
});

describe('a node that does not stamp', () => {
  const { secure, held, grantOf, release } = deliveryFixture();

  it('prints nothing that is to be stamped', async () => {
    const { sealed, replica } = await held(pdfDocument());
    const events = await release(await grantOf(sealed, { terms }), replica);
    expect(last(events)).toMatchObject({ type: 'failed', code: 'policy-refused' });
    expect(secure().jobs).toEqual([]);
  });
});

it('as much as can be stamped is agreed to, and no more', () => {
  const ticket = (...sizes: number[]) => ({
    ...{ operation: [], job: [] },
    documents: sizes.map((size) => ({ format: 'application/pdf', size, operation: [], template: [] }))
  });
  expect(agree(ticket(limits.watermarkBytes - 1, 1), [], terms).watermark).toEqual(watermark);
  expect(() => agree(ticket(limits.watermarkBytes, 1), [], terms)).toThrow(refused('can be stamped'));
  expect(agree(ticket(limits.watermarkBytes, 1), []).watermark).toBeUndefined();
});
