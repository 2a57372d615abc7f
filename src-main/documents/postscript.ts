import { createPageSizes, inch } from './page-sizes.ts';
import { createCutter, type FactsReader } from './reader.ts';

/** Width and height in points. */
type Size = readonly [number, number];

/**
 * PostScript, as far as its document structuring comments tell (Adobe Technical Note 5001): nobody can count the pages of a
 * program without running it. Only a program that claims to conform is believed, and only when it begins as many pages as it
 * promised, in their order. What it draws, and so its colour, is unknown.
 */
export function createPostscriptReader(): FactsReader {
  const sizes = createPageSizes();
  const lead = createLead();
  let promised: number | undefined; // the last that is a number: "(atend)" stands first
  let begun = 0;
  let inOrder = true;
  const sheets = new Map<string, Size | undefined>(); // media by name
  let page: { size?: Size | undefined } | undefined; // the one under way
  let continued: string | undefined; // what a line that begins with "%%+" goes on with
  let inside = 0; // documents within this one
  let skip = 0; // bytes of data that only look like comments

  const closePage = () => {
    const [sheet] = sheets.size === 1 ? sheets.values() : []; // pages that don't say theirs have it if it is the only one
    if (page) sizes.add(...inHundredths(page.size ?? sheet));
    page = undefined;
  };

  const comment = (line: string) => {
    const [, word, value = ''] = /^%%(\+|[A-Za-z]+):?\s*(.*)$/.exec(line) ?? [];
    const name = word === '+' ? continued : word;
    continued = name;
    if (name === 'BeginDocument') inside++;
    else if (name === 'EndDocument') inside--;
    else if (name === 'BeginBinary' || name === 'BeginData') skip = dataBytes(value);
    else if (inside > 0) return;
    else if (name === 'Pages') promised = wholeNumber(firstWord(value)) ?? promised;
    else if (name === 'DocumentMedia' && sheets.size < mostSheets) sheets.set(firstWord(value), sizeAt(value, 1));
    else if (name === 'PageMedia' && page) page.size = sheets.get(firstWord(value));
    else if (name === 'PageBoundingBox' && page) page.size ??= pageBox(value);
    else if (name === 'Trailer') closePage();
    else if (name === 'Page') {
      closePage();
      page = {};
      begun++;
      inOrder &&= wholeNumber(/(\S+)\s*$/.exec(value)?.[1]) === begun;
    }
  };

  /** Looks at lines that begin with two percent signs. The byte before where one could begin is left for the next time. */
  const take = (bytes: Buffer): number => {
    let at = 0;
    let floor = 0; // what stands before has been used, or is data
    for (;;) {
      if (skip > 0) {
        floor = Math.min(at + skip, bytes.length);
        skip -= floor - at;
        at = floor;
      }
      const found = bytes.indexOf('%%', at);
      if (found < 0) return Math.max(floor, at - 1, bytes.length - 2);
      at = found + 2;
      if (found === floor || !isLineEnd(bytes[found - 1])) continue;
      const end = lineEnd(bytes, found);
      if (end < 0) return found - 1;
      comment(bytes.toString('latin1', found, end));
      at = end + 1;
    }
  };

  const input = createCutter(take);
  return {
    write(chunk) {
      lead.write(chunk);
      input.write(chunk);
    },
    end() {
      input.write(Buffer.from('\n'));
      closePage();
      const conforms = /(?:^|[\r\n]).?%!PS-Adobe-/.test(lead.text()); // an end-of-job byte may stand before it
      return conforms && inOrder && begun > 0 && begun === promised ? { pages: begun, ...sizes.facts() } : {};
    }
  };
}

const mostSheets = 256;
const firstWord = (text: string) => /^\S*/.exec(text)?.[0] ?? '';

/** TN 5001 section 3 allows lines of 255 characters; what is longer is cut off there. */
const longestLine = 255;

function lineEnd(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) if (at - from === longestLine || isLineEnd(bytes[at])) return at;
  return -1;
}

const isLineEnd = (byte: number | undefined) => byte === 10 || byte === 13;

/** The first kilobyte: in front of the program may stand what a printer job language says. */
function createLead(): { write(chunk: Uint8Array): void; text(): string } {
  let bytes = Buffer.alloc(0);
  return {
    write(chunk) {
      if (bytes.length < 1024) bytes = Buffer.concat([bytes, chunk.subarray(0, 1024 - bytes.length)]);
    },
    text: () => bytes.toString('latin1')
  };
}

const wholeNumber = (text: string | undefined) => (text && /^\d{1,9}$/.test(text) ? Number(text) : undefined);

/** "%%BeginData: 100 Binary Bytes". Data that is counted in lines is read like anything else. */
function dataBytes(value: string): number {
  const [count, , unit] = value.split(/\s+/);
  return /^lines$/i.test(unit ?? '') ? 0 : (wholeNumber(count) ?? 0);
}

/** "%%DocumentMedia: A4 595 842 80 () ()", "%%PageBoundingBox: 0 0 595 842". */
function sizeAt(value: string, index: number): Size | undefined {
  const [width, height] = value.split(/\s+/).slice(index).map(Number);
  return width && height && width > 0 && height > 0 ? [width, height] : undefined;
}

/** It bounds what is drawn; where it begins in the corner, it is the page (so write Ghostscript and the filters of CUPS). */
const pageBox = (value: string) => (/^0\s+0\s/.test(value) ? sizeAt(value, 2) : undefined);

const inHundredths = (size: Size | undefined): [number, number] =>
  size ? [(size[0] * inch) / 72, (size[1] * inch) / 72] : [Number.NaN, Number.NaN];
