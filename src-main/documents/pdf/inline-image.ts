import { createLexer } from './lexer.ts';
import { isSpace } from './syntax.ts';

export interface InlineImage {
  readonly color: 'grey' | 'color' | 'unsure';
  /** Behind "EI". */
  readonly end: number;
}

/** An image in line (ISO 32000-1 section 8.9.7), from behind its "BI"; null when its end isn't found. */
export function readInlineImage(bytes: Buffer, from: number): InlineImage | null {
  const lexer = createLexer();
  let at = from;
  let space = '';
  let mask = false;
  for (let key = ''; ; ) {
    const token = lexer.next(bytes, at, true);
    at = lexer.end;
    if (token === 'more') return null;
    if (token === 'keyword' && lexer.text === 'ID') break;
    if (key === 'CS' || key === 'ColorSpace') space = token === 'name' ? lexer.text : '?';
    if (key === 'IM' || key === 'ImageMask') mask = token === 'keyword' && lexer.text === 'true';
    key = token === 'name' && key === '' ? lexer.text : '';
  }
  const color = colors.includes(space) ? 'color' : mask || greys.includes(space) ? 'grey' : 'unsure';
  for (at = bytes.indexOf('EI', at + 1); at >= 0; at = bytes.indexOf('EI', at + 2)) {
    if (isSpace(bytes[at - 1]) && (at + 2 === bytes.length || isSpace(bytes[at + 2]))) return { color, end: at + 2 };
  }
  return null;
}

const colors = ['RGB', 'DeviceRGB', 'CMYK', 'DeviceCMYK'];
const greys = ['G', 'DeviceGray', 'CalGray'];
