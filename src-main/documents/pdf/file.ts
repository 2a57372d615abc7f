import { limits } from '../../base/limits.ts';
import { createCutter } from '../reader.ts';
import { type Collector, createCollector } from './collector.ts';
import { createLexer } from './lexer.ts';
import { asCount, createValueBuilder, type Dict, isDict, type Value, type ValueWatch } from './values.ts';

/** Where something stands: its offset, and that of the white space before it, which some writers point at. */
export interface Place {
  readonly gap: number;
  readonly at: number;
}

/** What happens in a PDF file, in the order of its bytes. Offsets count from "%PDF-". */
export interface FileEvents extends ValueWatch {
  /** An indirect object that isn't a stream. */
  object(number: number, value: Value, place: Place): void;
  /** A stream begins. True: its bytes are wanted. */
  stream(number: number, dict: Dict, place: Place): boolean;
  /** The bytes of a stream that was wanted, still encoded; null: more than `limits.pdfStream`. */
  body(bytes: Buffer | null): void;
  /** "xref": a cross-reference table begins. */
  table(place: Place): void;
  /** One entry of it; `offset` is null for a free one. */
  entry(number: number, offset: number | null): void;
  trailer(dict: Dict): void;
  startxref(offset: number): void;
}

/** As far as "%PDF-" may stand from the beginning (ISO 32000-1 annex H.3.4.1). */
const longestLead = 1024;

/**
 * Reads a PDF file (ISO 32000-1 section 7.5) forwards, as it streams by. The bodies of streams are jumped over by their
 * length, or by looking for their end where the length is said elsewhere. Throws when the file isn't well formed.
 */
export function createFileReader(events: FileEvents): { write(chunk: Uint8Array): void } {
  const lexer = createLexer();
  const builder = createValueBuilder(events);
  let base = 0; // offset of the first byte that `take` is given
  let structure = 0;
  let waits = false;
  let mode: 'lead' | 'words' | 'line end' | 'body' | 'search' = 'lead';
  let kept: Collector | null = null; // the body under way, if it is wanted
  let bodyLeft = 0;
  let object: { number: number; place: Place } | undefined; // between "obj" and "endobj"
  let expects: '' | 'endstream' | 'trailer' | 'startxref' = '';
  let inTable = false;
  let nextEntry = 0;
  let wordEnd = 0; // where the word before this one ended, from the first byte of the file
  let last: Place = { gap: 0, at: 0 }; // of the last number, and of the one before it
  let lastButOne = last;

  const take = (bytes: Buffer): number => {
    let at = 0;
    waits = false;
    while (!waits) {
      if (mode === 'words') at = words(bytes, at);
      else if (mode === 'body') at = body(bytes, at);
      else if (mode === 'search') at = search(bytes, at);
      else if (mode === 'line end') at = lineEnd(bytes, at);
      else at = lead(bytes);
    }
    base += at;
    return at;
  };

  /** What a mode answers that has used what it could. */
  const more = (at: number): number => {
    waits = true;
    return at;
  };

  const lead = (bytes: Buffer): number => {
    const at = bytes.subarray(0, longestLead + 5).indexOf('%PDF-');
    if (at < 0 && bytes.length < longestLead + 5) return more(0);
    if (at < 0) throw new SyntaxError('not a PDF file');
    base = -at;
    mode = 'words';
    return at;
  };

  const words = (bytes: Buffer, from: number): number => {
    let at = from;
    while (mode === 'words') {
      const token = lexer.next(bytes, at);
      structure += lexer.end - at;
      if (structure > limits.pdfStructure) throw new RangeError('too much structure in a PDF file');
      at = lexer.end;
      if (token === 'more') return more(at);
      if (token === 'number' && !object) {
        lastButOne = last;
        last = { gap: wordEnd, at: base + lexer.start };
      }
      if (!builder.take(token, lexer)) keyword(lexer.text);
      else if (expects) expected();
      wordEnd = base + lexer.end;
    }
    return at;
  };

  /** The value after "trailer" or "startxref", when it is complete. */
  const expected = () => {
    if (builder.depth > 0) return;
    const [value] = builder.values;
    const offset = asCount(value);
    if (expects === 'trailer' && isDict(value)) events.trailer(value);
    else if (expects === 'startxref' && offset !== undefined) events.startxref(offset);
    else throw new SyntaxError(`not a ${expects} of PDF`);
    expects = '';
    builder.clear();
  };

  const keyword = (text: string) => {
    if (expects && text !== expects) throw new SyntaxError(`${expects} expected`);
    if (text === 'n' || text === 'f') tableEntry(text === 'n');
    else if (text === 'obj') beginObject();
    else if (text === 'endobj') endObject();
    else if (text === 'stream') beginStream();
    else if (text === 'endstream') expects = '';
    else if (text === 'xref') {
      inTable = true;
      nextEntry = Number.NaN;
      events.table({ gap: wordEnd, at: base + lexer.start });
      builder.clear();
    } else if (text === 'trailer' || text === 'startxref') {
      inTable = false;
      expects = text;
      builder.clear();
    } else if (object) throw new SyntaxError('unknown keyword in an object of PDF');
    else builder.clear(); // around the file: the end of a printer job language, for one
  };

  const beginObject = () => {
    const [number, generation, ...others] = builder.values.map(asCount);
    if (object || others.length || number === undefined || generation === undefined)
      throw new SyntaxError('not an object of PDF');
    object = { number, place: lastButOne };
    builder.clear();
  };

  const endObject = () => {
    if (!object || builder.values.length > 1) throw new SyntaxError('not an object of PDF');
    const [value] = builder.values;
    if (value !== undefined) events.object(object.number, value, object.place);
    object = undefined;
    builder.clear();
  };

  const beginStream = () => {
    const [dict, ...others] = builder.values;
    if (!object || !isDict(dict) || others.length) throw new SyntaxError('not a stream of PDF');
    const wanted = events.stream(object.number, dict, object.place);
    const length = asCount(dict.get('Length'));
    kept = wanted ? createCollector(limits.pdfStream) : null;
    bodyLeft = length ?? -1;
    mode = 'line end';
    expects = 'endstream';
    builder.clear();
  };

  /** "stream" is followed by a line feed, or by a carriage return and a line feed. */
  const lineEnd = (bytes: Buffer, at: number): number => {
    const crlf = bytes[at] === 13;
    if (bytes.length - at < (crlf ? 2 : 1)) return more(at);
    if (bytes[crlf ? at + 1 : at] !== 10) throw new SyntaxError('not a stream of PDF');
    mode = bodyLeft < 0 ? 'search' : 'body';
    return at + (crlf ? 2 : 1);
  };

  const body = (bytes: Buffer, at: number): number => {
    const end = Math.min(bytes.length, at + bodyLeft);
    kept?.add(bytes.subarray(at, end));
    bodyLeft -= end - at;
    if (bodyLeft > 0) return more(end);
    endBody();
    return end;
  };

  const search = (bytes: Buffer, at: number): number => {
    const found = bytes.indexOf('endstream', at, 'latin1');
    const end = found < 0 ? Math.max(at, bytes.length - 'endstream'.length + 1) : found;
    kept?.add(bytes.subarray(at, end));
    if (found < 0) return more(end);
    endBody();
    return end;
  };

  const endBody = () => {
    if (kept) events.body(kept.bytes());
    kept = null;
    mode = 'words';
  };

  const tableEntry = (inUse: boolean) => {
    const numbers = builder.values;
    if (!inTable || (numbers.length !== 2 && numbers.length !== 4)) throw new SyntaxError('not a table of PDF');
    if (numbers.length === 4) nextEntry = asCount(numbers[0]) ?? Number.NaN;
    const offset = asCount(numbers[numbers.length - 2]);
    if (offset === undefined || Number.isNaN(nextEntry)) throw new SyntaxError('not a table of PDF');
    events.entry(nextEntry++, inUse ? offset : null);
    builder.clear();
  };

  return createCutter(take);
}
