import { PDFArray, PDFDict, type PDFDocument, PDFName, PDFPageLeaf } from 'pdf-lib';
import { limits } from '../../base/limits.ts';

/**
 * Every page of a document, each once. A page that is stamped must be all that anybody could take for one, so a tree that can be
 * read in two ways (ISO 32000-1 section 7.7.3) is not read at all: throws.
 */
export function pagesOf({ catalog, context }: PDFDocument): PDFPageLeaf[] {
  requireOneObjectPerNumber(context);
  const pages = new Set<PDFPageLeaf>();
  const seen = new Set<PDFDict>();
  const waiting = [context.lookup(catalog.get(PDFName.of('Pages')), PDFDict)];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const kids = node.lookup(PDFName.of('Kids'));
    if (node instanceof PDFPageLeaf && kids === undefined) {
      pages.add(node);
    } else {
      if (!(kids instanceof PDFArray) || node.lookup(PDFName.of('Type')) !== PDFName.of('Pages') || seen.has(node))
        throw new TypeError('not a tree of pages');
      seen.add(node);
      for (const kid of kids.asArray()) waiting.push(context.lookup(kid, PDFDict));
    }
    if (waiting.length + pages.size + seen.size > 2 * limits.pdfPages) throw new RangeError('too many pages');
  }
  return [...pages];
}

/** Written anew, two generations of one number would be two objects in one place: which one a printer takes is its own affair. */
function requireOneObjectPerNumber(context: PDFDocument['context']): void {
  const numbers = context.enumerateIndirectObjects().map(([{ objectNumber }]) => objectNumber);
  if (new Set(numbers).size < numbers.length || context.largestObjectNumber > largestNumber)
    throw new RangeError('object numbers');
}

/** ISO 32000-1 annex C. */
const largestNumber = 8_388_607;
