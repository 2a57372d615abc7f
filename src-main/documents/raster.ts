import { createPageSizes } from './page-sizes.ts';
import { createCutter, type FactsReader } from './reader.ts';

/** What a page header says, as far as counting needs it. */
export interface RasterPage {
  readonly rows: number;
  /** Of one row, uncompressed. */
  readonly rowBytes: number;
  /** What the compression repeats: bytes of a pixel, at least one. */
  readonly pixelBytes: number;
  /** Null: not known for this colour space. */
  readonly grey: GreyRule | null;
  /** Hundredths of a millimetre. */
  readonly size: readonly [number, number];
}

/**
 * How a pixel shows that it is grey. `always`: there is nothing else in this colour space. `equal`: all its samples are the
 * same (red, green, blue). `key`: all but the last are zero (cyan, magenta, yellow, black).
 */
export type GreyRule = 'always' | 'equal' | 'key';

export interface RasterFormat {
  /** Bytes before the first page, and whether they are what they should be. */
  readonly leadBytes: number;
  accepts(lead: Buffer): boolean;
  readonly headerBytes: number;
  /** Null for a header that makes no sense. */
  page(header: Buffer): RasterPage | null;
}

/**
 * Counts the pages of PWG Raster and Apple Raster, which differ in their headers only. A page has no length: every row is
 * walked, run by run (PWG 5102.4 section 4.4: a byte that says how often the row repeats, then runs of pixels). Whatever
 * doesn't add up exactly makes everything unknown. Copies that a header asks for aren't pages.
 */
export function createRasterReader({ leadBytes, accepts, headerBytes, page: readPage }: RasterFormat): FactsReader {
  const sizes = createPageSizes();
  let pages = 0;
  let page: RasterPage | null = null; // the one under way
  let rowsLeft = 0;
  let rowLeft = 0; // bytes of the row under way that no run covers yet
  let begun = false;
  let broken = false;
  let colored = false;
  let unsure = false; // a page whose colour space says nothing about grey

  const take = (bytes: Buffer): number => {
    let at = 0;
    if (!begun) {
      if (bytes.length < leadBytes) return 0;
      begun = true;
      broken = !accepts(bytes.subarray(0, leadBytes));
      at = leadBytes;
    }
    while (!broken) {
      if (page) at = walk(bytes, at, page);
      if (rowsLeft > 0 || rowLeft > 0 || bytes.length - at < headerBytes) return at;
      open(readPage(bytes.subarray(at, at + headerBytes)));
      at += headerBytes;
    }
    return bytes.length;
  };

  const open = (next: RasterPage | null) => {
    page = next;
    broken = !next || next.rows < 1 || next.rowBytes < 1 || next.rowBytes % next.pixelBytes !== 0;
    if (!next || broken) return;
    pages++;
    rowsLeft = next.rows;
    sizes.add(...next.size);
    unsure ||= !next.grey;
  };

  /** Takes whole runs; answers where the first one begins that isn't here wholly, or where the page ends. */
  const walk = (bytes: Buffer, from: number, { rowBytes, pixelBytes, grey }: RasterPage): number => {
    const looksForColor = grey === 'equal' || grey === 'key';
    const { length } = bytes;
    let [at, rows, row] = [from, rowsLeft, rowLeft]; // locals: this loop sees every run of a gigabyte
    while (at < length) {
      if (row === 0) {
        if (rows === 0) break;
        rows -= (bytes[at++] ?? 0) + 1;
        row = rowBytes;
        continue;
      }
      const code = bytes[at] ?? 0;
      if (code === blankToEnd) {
        row = 0;
        at++;
        continue;
      }
      const covered = (code > blankToEnd ? 257 - code : code + 1) * pixelBytes;
      const stored = code > blankToEnd ? covered : pixelBytes;
      if (covered > row || rows < 0) {
        broken = true;
        return length;
      }
      if (length - at <= stored) break;
      if (looksForColor && !colored) colored = hasColor(bytes, at + 1, at + 1 + stored, pixelBytes, grey);
      row -= covered;
      at += stored + 1;
    }
    broken = rows < 0;
    [rowsLeft, rowLeft] = [rows, row];
    return at;
  };

  const input = createCutter((bytes) => (broken ? bytes.length : take(bytes)));
  return {
    write: input.write,
    end() {
      if (broken || pages === 0 || rowsLeft > 0 || rowLeft > 0 || input.waiting > 0) return {};
      return { pages, ...(colored ? { color: true } : !unsure && { color: false }), ...sizes.facts() };
    }
  };
}

/** What a run's first byte says in Apple Raster: white to the end of the row. PWG Raster has no use for it. */
const blankToEnd = 128;

/** Whether any pixel isn't grey. Samples of two bytes are compared byte by byte, which comes to the same. */
function hasColor(bytes: Buffer, from: number, to: number, pixelBytes: number, rule: GreyRule): boolean {
  if (pixelBytes === 3) return hasUnequal(bytes, from, to);
  const samples = rule === 'key' ? 4 : 3;
  const sample = pixelBytes / samples;
  for (let pixel = from; pixel < to; pixel += pixelBytes) {
    for (let at = pixel; at < pixel + 3 * sample; at++) {
      if (bytes[at] !== (rule === 'key' ? 0 : bytes[pixel + ((at - pixel) % sample)])) return true;
    }
  }
  return false;
}

/** The same for 24 bits of red, green and blue, which is what nearly all print systems send. */
function hasUnequal(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 3) {
    const red = bytes[at];
    if (red !== bytes[at + 1] || red !== bytes[at + 2]) return true;
  }
  return false;
}
