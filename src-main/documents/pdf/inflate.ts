import { inflateSync } from 'node:zlib';
import { limits } from '../../base/limits.ts';
import { asCount, type Dict, isArray, isDict, type Value } from './values.ts';

/** What a stream costs that fails: so much may have been inflated for nothing. */
const mostCost = limits.pdfDecodedStream;

/** What a stream costs at least, so that a million of empty ones has an end too. */
const leastCost = 4096;

/**
 * Decodes streams (ISO 32000-1 section 7.4) as long as a budget lasts, in bytes of the result: what a hostile document makes
 * us do is bounded, however far its streams inflate. Throws when a stream is broken, too large or beyond the budget, or
 * filtered in a way that isn't understood: anything but Flate.
 */
export function createDecoder(budget: number): (dict: Dict, body: Buffer) => Buffer {
  let left = budget;
  return (dict, body) => {
    const [filter, ...others] = list(dict.get('Filter'));
    const parameters = list(dict.get('DecodeParms'))[0] ?? null;
    if (others.length || (filter !== undefined && filter !== 'FlateDecode'))
      throw new TypeError('not a filter we decode');
    left -= mostCost;
    if (left < 0) throw new RangeError('too much to decode');
    const bytes = filter === undefined ? body : inflateSync(body, { maxOutputLength: mostCost });
    left += mostCost - Math.max(bytes.length, leastCost);
    return parameters === null || filter === undefined ? bytes : unpredict(bytes, parameters);
  };
}

const list = (value: Value | undefined): readonly Value[] =>
  value === undefined ? [] : isArray(value) ? value : [value];

/** Undoes PNG prediction on rows of bytes (ISO 32000-1 section 7.4.4.4), as far as writers of cross-references use it. */
function unpredict(bytes: Buffer, parameters: Value): Buffer {
  if (!isDict(parameters)) throw new TypeError('parameters that are not decoded');
  const predictor = parameters.get('Predictor') ?? 1;
  if (predictor === 1) return bytes;
  const columns = asCount(parameters.get('Columns') ?? 1) ?? 0;
  const plain = (parameters.get('Colors') ?? 1) === 1 && (parameters.get('BitsPerComponent') ?? 8) === 8;
  if (typeof predictor !== 'number' || predictor < 10 || !plain || columns < 1 || bytes.length % (columns + 1))
    throw new TypeError('a predictor that is not decoded');
  const rows = Buffer.alloc((bytes.length / (columns + 1)) * columns);
  let to = 0;
  for (let at = 0; at < bytes.length; ) {
    const type = bytes[at++] ?? 0;
    if (type > 2) throw new TypeError('a predictor that is not decoded');
    const [left, above] = [type === 1, type === 2];
    for (let column = 0; column < columns; column++, to++, at++) {
      const base = left ? (column ? rows[to - 1] : 0) : above ? rows[to - columns] : 0;
      rows[to] = (bytes[at] ?? 0) + (base ?? 0);
    }
  }
  return rows;
}
