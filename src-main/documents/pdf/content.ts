import { readInlineImage } from './inline-image.ts';
import { commentEnd, isRegular, isSpace, numberIn, stringEnd, wordEnd } from './syntax.ts';

/** What a content stream asks for. */
export interface ContentColor {
  /** Red, green, blue or inks that aren't grey, by operators that name their colour space. */
  color: boolean;
  /** Three or four components that aren't grey, in a colour space that is named elsewhere. */
  likely: boolean;
  /** Something that may be grey or colour. */
  unsure: boolean;
}

/**
 * Looks for operators that set a colour (ISO 32000-1 section 8.6.8) and for images in line, in a decoded content stream.
 * Everything else is passed over byte by byte, without making words of it: this is where a text document has most of its bytes.
 */
export function readContent(bytes: Buffer): ContentColor {
  const result: ContentColor = { color: false, likely: false, unsure: false };
  const operands = new Int32Array(mostOperands); // where they begin
  const nesting = { depth: 0 };
  let count = 0;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at] ?? 0;
    if (isSpace(byte)) at++;
    else if (byte === 0x28) at = stringEnd(bytes, at, nesting);
    else if (byte === 0x25) at = commentEnd(bytes, at);
    else if (byte === 0x2f) at = wordEnd(bytes, at + 1);
    else if (!isRegular(byte)) at++;
    else {
      const start = at;
      at = wordEnd(bytes, start);
      if (beginsNumber(byte)) {
        operands[count % mostOperands] = start;
        count++;
        continue;
      }
      if (at - start <= longestOperator) {
        const kind = operators.get(operatorKey(bytes, start, at));
        if (kind === 'image') at = inlineImage(bytes, at, result);
        else if (kind) setColor(kind, bytes, operands, count, result);
      }
      count = 0;
    }
  }
  return { ...result, unsure: result.unsure || nesting.depth > 0 };
}

const mostOperands = 4;

/** A digit, a sign or a point. */
const beginsNumber = (byte: number) =>
  (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e;

function setColor(kind: string, bytes: Buffer, starts: Int32Array, count: number, result: ContentColor): void {
  const understood =
    kind === 'rgb' ? count === 3 : kind === 'cmyk' ? count === 4 : count < 2 || count === 3 || count === 4;
  const numbers = Array.from(starts.subarray(0, count), (start) => numberIn(bytes, start, wordEnd(bytes, start)));
  const [one, two, three] = numbers;
  const grey = count === 3 ? one === two && one === three : one === 0 && two === 0 && three === 0;
  if (!understood || numbers.some(Number.isNaN)) result.unsure = true;
  else if (count > 1 && !grey) result[kind === 'named' ? 'likely' : 'color'] = true;
}

function inlineImage(bytes: Buffer, from: number, result: ContentColor): number {
  const image = readInlineImage(bytes, from);
  result.color ||= image?.color === 'color';
  result.unsure ||= !image || image.color === 'unsure';
  return image ? image.end : bytes.length;
}

const longestOperator = 3;

const operatorKey = (bytes: Buffer, start: number, end: number) => {
  let key = 0;
  for (let at = start; at < end; at++) key = key * 256 + (bytes[at] ?? 0);
  return key;
};

const operators = new Map(
  Object.entries({ rgb: ['rg', 'RG'], cmyk: ['k', 'K'], named: ['sc', 'scn', 'SC', 'SCN'], image: ['BI'] }).flatMap(
    ([kind, names]) => names.map((name) => [operatorKey(Buffer.from(name), 0, name.length), kind])
  )
);
