import { expect, it } from 'vitest';
import { createPdfWriter } from '../../documents/testing/pdf-writer.ts';
import { boundDecoding } from './decoding-bound.ts';
import { stampPdf } from './stamp-pdf.ts';

/** A document whose structure unpacks to at least so much. */
const packed = (bytes: number) => {
  const writer = createPdfWriter();
  const padding = ' '.repeat(bytes);
  writer.objectStream(6, {
    1: `<< /Type /Catalog /Pages 2 0 R >>${padding}`,
    2: '<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>',
    3: '<< /Type /Page /Parent 2 0 R >>'
  });
  return writer.crossReferenceStream(7).bytes();
};
const mark = { text: 'Ada', place: 'footer' } as const;

it('stops what unpacks to more than it may, also in several documents together', async () => {
  const bomb = packed(3_000_000);
  expect(bomb.length).toBeLessThan(10_000);
  await expect(stampPdf(bomb, mark)).resolves.toBeDefined();
  boundDecoding(4_000_000);
  await expect(stampPdf(packed(100_000), mark)).resolves.toBeDefined();
  await expect(stampPdf(bomb, mark)).rejects.toThrow();
  await expect(stampPdf(packed(100_000), mark)).rejects.toThrow();
});
