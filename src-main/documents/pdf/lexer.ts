import { commentEnd, isRegular, numberIn, spaceEnd, stringEnd, wordEnd } from './syntax.ts';

/** `more`: the bytes end before the word does. */
export type Token = 'more' | 'number' | 'name' | 'keyword' | 'string' | '<<' | '>>' | '[' | ']';

export interface Lexer {
  /**
   * Reads the word at or after `at`. `last`: nothing comes after `bytes`. After `more`, call it again with bytes that begin
   * with those from `end` on. Throws when a word is longer than any that makes sense.
   */
  next(bytes: Buffer, at: number, last?: boolean): Token;
  /** Where the word begins (not for a string) and ends in `bytes`. */
  readonly start: number;
  readonly end: number;
  /** Of a `number`. */
  readonly number: number;
  /** Of a `name`, without its slash, or a `keyword`. */
  readonly text: string;
}

/** ISO 32000-1 annex C allows names of 127 bytes, each of which may be written as three. */
const longestWord = 512;

/**
 * Words of PDF syntax, one at a time, from bytes that may be cut anywhere. What strings and comments say is passed over, so
 * that nothing that is kept between two calls is longer than a word.
 */
export function createLexer(): Lexer {
  const textOf = createWords();
  const nesting = { depth: 0 };
  let inside: '' | 'comment' | 'hex' | 'string' = ''; // what the bytes ended in

  /** Goes on in what the bytes ended in, and leaves it if it ends here. */
  const pass = (bytes: Buffer, from: number): number => {
    if (inside === 'string') {
      const end = stringEnd(bytes, from, nesting);
      if (nesting.depth === 0) inside = '';
      return end;
    }
    const close = inside === 'hex' ? bytes.indexOf(0x3e, from) : commentEnd(bytes, from);
    if (close < 0 || close === bytes.length) return bytes.length;
    const end = inside === 'hex' ? close + 1 : close;
    inside = '';
    return end;
  };

  const word = (bytes: Buffer, start: number, from: number, last: boolean): Token => {
    const end = wordEnd(bytes, from);
    if (end - start > longestWord) throw new RangeError('a word of PDF is too long');
    if (end === bytes.length && !last) return 'more';
    lexer.end = end;
    if (from > start) {
      lexer.text = unescaped(textOf(bytes, from, end));
      return 'name';
    }
    const number = numberIn(bytes, start, end);
    if (Number.isNaN(number)) {
      lexer.text = textOf(bytes, start, end);
      return 'keyword';
    }
    lexer.number = number;
    return 'number';
  };

  const lexer = {
    start: 0,
    end: 0,
    number: 0,
    text: '',

    next(bytes: Buffer, from: number, last = false): Token {
      let at = from;
      for (;;) {
        if (inside) {
          const silent = inside === 'comment';
          at = lexer.end = pass(bytes, at);
          if (inside) return 'more';
          if (!silent) return 'string';
        }
        at = lexer.start = lexer.end = spaceEnd(bytes, at);
        if (at === bytes.length) return 'more';
        const byte = bytes[at] ?? 0;
        if (isRegular(byte)) return word(bytes, at, at, last);
        if (byte === 0x2f) return word(bytes, at, at + 1, last);
        if (byte === 0x28) inside = 'string';
        else if (byte === 0x25) inside = 'comment';
        else {
          const angle = byte === 0x3c || byte === 0x3e;
          if (angle && at + 1 === bytes.length && !last) return 'more';
          const double = angle && bytes[at + 1] === byte;
          lexer.end = at + (double ? 2 : 1);
          if (double) return byte === 0x3c ? '<<' : '>>';
          if (byte === 0x5b) return '[';
          if (byte === 0x5d) return ']';
          if (byte !== 0x3c) {
            lexer.text = String.fromCharCode(byte);
            return 'keyword';
          }
          inside = 'hex';
        }
      }
    }
  };
  return lexer;
}

const unescaped = (name: string) =>
  name.includes('#')
    ? name.replace(/#([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    : name;

/** Bytes as text, from a small table of words met before: in PDF nearly every word comes again and again. */
function createWords(): (bytes: Buffer, start: number, end: number) => string {
  const table: string[] = Array(1024).fill('');
  return (bytes, start, end) => {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
    const slot = (hash ^ (hash >>> 10)) & 1023;
    const known = table[slot] ?? '';
    if (sameText(known, bytes, start, end)) return known;
    const text = bytes.toString('latin1', start, end);
    table[slot] = text;
    return text;
  };
}

function sameText(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}
