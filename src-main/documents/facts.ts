import type { DocumentFacts } from '../../src-preload/contract/views.ts';
import { createJpegReader } from './jpeg.ts';
import { createPageSizes } from './page-sizes.ts';
import { createPdfReader } from './pdf/pdf.ts';
import { createPngReader } from './png.ts';
import { createPostscriptReader } from './postscript.ts';
import { createPwgRasterReader } from './pwg-raster.ts';
import type { FactsReader } from './reader.ts';
import { createUrfReader } from './urf.ts';

const readers: Readonly<Record<string, () => FactsReader>> = {
  'application/pdf': createPdfReader,
  'application/postscript': createPostscriptReader,
  'image/jpeg': createJpegReader,
  'image/png': createPngReader,
  'image/pwg-raster': createPwgRasterReader,
  'image/urf': createUrfReader
};

/**
 * Reads what accounting wants to know of a document while its bytes go by: pages, colour, paper. Whatever comes, it never
 * throws, its memory and its time per byte are bounded, and it keeps no chunk. What it isn't sure of it leaves out: of a
 * format that it doesn't know, and of a document that is broken or lies, there are no facts.
 */
export function createFactsReader(format: string): FactsReader {
  let reader = Object.hasOwn(readers, format) ? readers[format]?.() : undefined;
  const attempt = <T>(step: (reader: FactsReader) => T): T | undefined => {
    try {
      return reader && step(reader);
    } catch {
      reader = undefined; // hostile input is an ordinary case here: nothing is known
      return undefined;
    }
  };
  return {
    write: (chunk) => attempt((active) => active.write(chunk)),
    end: () => attempt((active) => active.end()) ?? {}
  };
}

/** Of a job with several documents. What is unknown of one is unknown of all, but colour in one is colour. */
export function combineFacts(list: readonly DocumentFacts[]): DocumentFacts {
  const pages = list.reduce((sum, facts) => sum + (facts.pages ?? Number.NaN), 0);
  const sizes = createPageSizes();
  for (const { x, y } of list.flatMap(({ media }) => media ?? [])) sizes.add(x, y);
  return {
    ...(pages > 0 && { pages }),
    ...(list.some(({ color }) => color) ? { color: true } : known(list, 'color') && { color: false }),
    ...(known(list, 'media') && sizes.facts())
  };
}

const known = (list: readonly DocumentFacts[], key: keyof DocumentFacts) =>
  list.length > 0 && list.every((facts) => facts[key] !== undefined);
