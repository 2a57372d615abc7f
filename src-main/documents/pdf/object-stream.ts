import { createLexer } from './lexer.ts';
import { asCount, createValueBuilder, type Dict, type Value, type ValueWatch } from './values.ts';

/**
 * The objects of an object stream (ISO 32000-1 section 7.5.7), decoded already: pairs of object number and offset, then one
 * value after the other. Throws when it isn't well formed, and when values aren't in the order of their numbers' pairs, which
 * nobody writes and which could make us read the same bytes again and again.
 */
export function readObjectStream(
  dict: Dict,
  bytes: Buffer,
  watch: ValueWatch,
  object: (number: number, value: Value, index: number) => void
): void {
  const [count, first] = [asCount(dict.get('N')), asCount(dict.get('First'))];
  if (count === undefined || first === undefined || first > bytes.length) throw new SyntaxError('not an object stream');
  const lexer = createLexer();
  const pairs = bytes.subarray(0, first);
  const builder = createValueBuilder(watch);
  let [pairsAt, at] = [0, first];
  const integer = (): number => {
    if (lexer.next(pairs, pairsAt, true) !== 'number') throw new SyntaxError('not an object stream');
    pairsAt = lexer.end;
    return lexer.number;
  };
  for (let index = 0; index < count; index++) {
    const [number, offset] = [integer(), first + integer()];
    if (offset < at) throw new SyntaxError('objects of an object stream out of order');
    at = offset;
    builder.clear();
    do {
      const token = lexer.next(bytes, at, true);
      if (token === 'more' || !builder.take(token, lexer)) throw new SyntaxError('not an object stream');
      at = lexer.end;
    } while (builder.depth > 0);
    object(number, builder.values[0] ?? null, index);
  }
}
