import { createPdfWriter } from '../../../documents/testing/pdf-writer.ts';

/** A PDF file of pages that each draw `content`; `entries`: what else stands in their dictionaries. Object 3 is the first page. */
export function pdfOf(...pages: readonly { readonly content?: string; readonly entries?: string }[]): Uint8Array {
  const writer = createPdfWriter();
  writer.object(1, '<< /Type /Catalog /Pages 2 0 R >>');
  writer.object(9, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  const kids = pages.map((_, index) => `${10 + 2 * index} 0 R`).join(' ');
  writer.object(2, `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} /MediaBox [0 0 595 842] >>`);
  for (const [index, { content = 'BT /F 24 Tf 100 700 Td (Body) Tj ET', entries = '' }] of pages.entries()) {
    const number = 10 + 2 * index;
    const resources = '/Resources << /Font << /F 9 0 R >> >>';
    writer.object(number, `<< /Type /Page /Parent 2 0 R /Contents ${number + 1} 0 R ${resources} ${entries} >>`);
    writer.stream(number + 1, '', content);
  }
  return writer.table('/Root 1 0 R').bytes();
}
