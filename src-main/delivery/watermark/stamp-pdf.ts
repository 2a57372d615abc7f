import { ParseSpeeds, PDFArray, PDFDocument, PDFName, type PDFPageLeaf, type PDFRef, StandardFonts } from 'pdf-lib';
import { createMarks } from './mark.ts';
import { createContentForms } from './page-content.ts';
import { cornersOf, geometryOf } from './page-geometry.ts';
import { pagesOf } from './page-tree.ts';
import type { Mark } from './port.ts';

/**
 * A PDF file with a mark on each of its pages, written anew from what was read, so that a printer sees no other pages than were
 * stamped. Throws what pdf-lib does, and where a page could be meant that is not stamped. To be run where it can be stopped: how
 * much memory and time a document takes is known only afterwards.
 */
export async function stampPdf(bytes: Uint8Array, mark: Mark): Promise<Uint8Array> {
  const document = await PDFDocument.load(bytes, {
    throwOnInvalidObject: true,
    updateMetadata: false,
    parseSpeed: ParseSpeeds.Fastest
  });
  const { context } = document;
  const contentOf = createContentForms(context);
  const markFor = createMarks(context, await document.embedFont(StandardFonts.Helvetica), mark);
  for (const page of pagesOf(document)) {
    const { media, visible, rotation, ...shape } = geometryOf(page);
    const content = contentOf(page, media);
    const own = markFor({ media, visible, rotation, ...shape });
    // Said by the page itself: what it inherits may be read in two ways.
    page.set(PDFName.of('MediaBox'), context.obj(cornersOf(media)));
    page.set(PDFName.of('CropBox'), context.obj(cornersOf(visible)));
    page.set(PDFName.of('Rotate'), context.obj(rotation));
    page.set(PDFName.of('Resources'), context.obj({ XObject: { ...(content ? { Page: content } : {}), Mark: own } }));
    page.set(PDFName.of('Contents'), context.register(context.stream(`${content ? '/Page Do\n' : ''}/Mark Do\n`)));
    annotate(page, own, cornersOf(visible));
  }
  return document.save({
    useObjectStreams: false,
    addDefaultPage: false,
    updateFieldAppearances: false,
    objectsPerTick: Number.POSITIVE_INFINITY
  });
}

/** Annotations lie above what the page draws, in their order: where there are any, the mark lies above them once more. */
function annotate(page: PDFPageLeaf, mark: PDFRef, rectangle: number[]): void {
  const { context } = page;
  const own = page.Annots()?.asArray() ?? [];
  if (own.length === 0) return;
  const last = context.obj({
    Type: 'Annot',
    Subtype: 'Stamp',
    Rect: rectangle,
    F: printed + locked,
    AP: { N: mark }
  });
  const annotations = PDFArray.withContext(context);
  for (const one of [...own, context.register(last)]) annotations.push(one);
  page.set(PDFName.of('Annots'), annotations);
}

/** ISO 32000-1 section 12.5.3. */
const printed = 4;
const locked = 128;
